//! A table of one service, and the few calls that all of them share.

use std::marker::PhantomData;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use aws_types::SdkConfig;
use domain::ports::{NoteAuthor, StoreError};
use domain::{Author, OrderId};
use uuid::Uuid;

use crate::answer::{broken, classify};
use crate::item::{Image, note};
use crate::key::Key;
use crate::schema::{ENTITY, PK, VERSION};
use crate::writing::writing;

/// Every call asks what it cost, its indexes included. It costs nothing to ask, and whoever stands
/// in between can count.
pub(crate) const CAPACITY: ReturnConsumedCapacity = ReturnConsumedCapacity::Indexes;

/// Marks the table of the service orders.
#[derive(Clone, Copy, Debug)]
pub enum Orders {}
/// Marks the table of the service inventory: stock and leases.
#[derive(Clone, Copy, Debug)]
pub enum Inventory {}
/// Marks the table of the service payments.
#[derive(Clone, Copy, Debug)]
pub enum Payments {}
/// Marks the table of the service shipping.
#[derive(Clone, Copy, Debug)]
pub enum Shipping {}
/// Marks the table of the service catalogue.
#[derive(Clone, Copy, Debug)]
pub enum Catalog {}
/// Marks the table of accounts, their addresses and sessions.
#[derive(Clone, Copy, Debug)]
pub enum Accounts {}
/// Marks the table of contacts, inboxes and deliveries.
#[derive(Clone, Copy, Debug)]
pub enum Realtime {}

/// Marks the table of the audit log.
#[derive(Clone, Copy, Debug)]
pub enum Audit {}

/// Marks the table of what keeps the shop in order: idempotency keys, limits.
#[derive(Clone, Copy, Debug)]
pub enum Operations {}

/// Orders.
pub type OrdersTable = Table<Orders>;
/// Stock and leases.
pub type InventoryTable = Table<Inventory>;
/// Payments.
pub type PaymentsTable = Table<Payments>;
/// Shipments.
pub type ShippingTable = Table<Shipping>;
/// Products.
pub type CatalogTable = Table<Catalog>;
/// Accounts, their addresses and sessions.
pub type AccountsTable = Table<Accounts>;
/// Contacts, inboxes and deliveries.
pub type RealtimeTable = Table<Realtime>;
/// The chains of the audit log.
pub type AuditTable = Table<Audit>;
/// Idempotency keys, limits.
pub type OperationsTable = Table<Operations>;

/// The table of one service. Clones share the client.
#[derive(Clone, Debug)]
pub struct Table<S> {
    pub(crate) client: Client,
    pub(crate) name: String,
    /// Who makes the changes; nothing for the shop itself.
    author: Option<Arc<Author>>,
    service: PhantomData<fn() -> S>,
}

/// Why an item was not put.
pub(crate) enum PutError {
    /// Something else is stored; here it is, where the store told.
    Refused(Option<Image>),
    /// The store failed.
    Store(StoreError),
}

impl<S> Table<S> {
    /// The table with this name, by a new client.
    pub fn connect(config: &SdkConfig, table: &str) -> Self {
        Self::with_client(Client::new(config), table)
    }

    /// The table with this name.
    pub fn with_client(client: Client, table: &str) -> Self {
        Self {
            client,
            name: table.to_owned(),
            author: None,
            service: PhantomData,
        }
    }

    /// Another table, by the same client.
    pub fn beside<T>(&self, table: &str) -> Table<T> {
        Table::with_client(self.client.clone(), table)
    }

    /// Reads what is not there, to see whether the table answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.get(&Key::Order(OrderId(Uuid::nil()))).await.map(drop)
    }

    /// Reads one item, consistently.
    pub(crate) async fn get(&self, key: &Key) -> Result<Option<Image>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .key(PK, text(key.pk()))
            .consistent_read(true)
            .send()
            .await
            .map_err(classify)?;
        Ok(answer.item.map(Image::from))
    }

    /// The item, with who makes the write.
    pub(crate) fn signed(&self, mut image: Image) -> Result<Image, StoreError> {
        if let Some(author) = &self.author {
            let signed = note::sign(&mut image, author);
            signed.map_err(|error| broken(&error))?;
        }
        Ok(image)
    }

    /// An update of one item, whatever is stored, that says what kind of item it is.
    pub(crate) fn update(&self, key: &Key, entity: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .key(PK, text(key.pk()))
            .expression_attribute_names("#entity", ENTITY)
            .expression_attribute_values(":entity", text(entity))
    }

    /// Puts an item, whatever is stored.
    pub(crate) async fn replace(&self, image: Image) -> Result<(), StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .set_item(Some(image.into()));
        put.send().await.map(drop).map_err(classify)
    }

    /// As [`writing`], to this table.
    pub(crate) fn writing(
        &self,
        image: Image,
        stored_version: u64,
    ) -> Result<TransactWriteItem, StoreError> {
        writing(&self.name, image, stored_version)
    }

    /// Puts an item if the stored one still has this version; 0 for none stored.
    pub(crate) async fn put(&self, image: Image, stored_version: u64) -> Result<(), PutError> {
        let image = self.signed(image).map_err(PutError::Store)?;
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .set_item(Some(image.into()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = match stored_version {
            0 => put
                .condition_expression("attribute_not_exists(#key)")
                .expression_attribute_names("#key", PK),
            version => put
                .condition_expression("#version = :version")
                .expression_attribute_names("#version", VERSION)
                .expression_attribute_values(":version", number(version)),
        };
        put.send().await.map(|_| ()).map_err(put_error)
    }
}

impl<S> NoteAuthor for Table<S> {
    fn by(&self, author: &Author) -> Self {
        Self {
            client: self.client.clone(),
            name: self.name.clone(),
            author: Some(Arc::new(author.clone())),
            service: PhantomData,
        }
    }
}

/// What a failed condition of an update told of the stored item; any other error as it is.
pub(crate) fn refusal(error: SdkError<UpdateItemError>) -> Result<Option<Image>, StoreError> {
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(refusal)) => {
            Ok(refusal.item.clone().map(Image::from))
        }
        _ => Err(classify(error)),
    }
}

pub(crate) fn put_error(error: SdkError<PutItemError>) -> PutError {
    match error.as_service_error() {
        Some(PutItemError::ConditionalCheckFailedException(refusal)) => {
            PutError::Refused(refusal.item.clone().map(Image::from))
        }
        _ => PutError::Store(classify(error)),
    }
}

/// A value that is a text.
pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A value that is a number.
pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
