//! What the consumer `notify` keeps: where messages go, what it applied, what it tried to send.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::ports::{CountDeliveries, Delivery, Inbox, KeepContacts, SaveError, StoreError};
use domain::{Contact, OrderId, Sequence};

use crate::answer::{broken, classify};
use crate::item::Image;
use crate::item::realtime::{
    DELIVERY, INBOX, read_applied, read_contact, read_delivery, write_contact,
};
use crate::key::Key;
use crate::schema::{ENTITY, PK};
use crate::table::{CAPACITY, Realtime, Table, number, text};

impl KeepContacts for Table<Realtime> {
    async fn put_contact(&self, order_id: OrderId, contact: &Contact) -> Result<(), StoreError> {
        let image = write_contact(order_id, contact).map_err(|error| broken(&error))?;
        // Unconditional: the one event that carries a contact always carries the same.
        self.client
            .put_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .set_item(Some(image.into()))
            .send()
            .await
            .map_err(classify)?;
        Ok(())
    }

    async fn contact(&self, order_id: OrderId) -> Result<Option<Contact>, StoreError> {
        let image = self.get(&Key::Contact(order_id)).await?;
        let contact = image.map(read_contact).transpose();
        contact.map_err(|error| broken(&error))
    }
}

impl Inbox for Table<Realtime> {
    async fn applied(&self, aggregate: &str) -> Result<Sequence, StoreError> {
        let image = self.get(&Key::Inbox(aggregate.to_owned())).await?;
        applied_in(image)
    }

    async fn advance(&self, aggregate: &str, to: Sequence) -> Result<(), SaveError<Sequence>> {
        let update = self
            .update(&Key::Inbox(aggregate.to_owned()), INBOX)
            .update_expression("SET #entity = :entity, applied = :to")
            .expression_attribute_values(":to", number(to))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let update = match to.0 {
            0 | 1 => update.condition_expression("attribute_not_exists(applied)"),
            to => update
                .condition_expression("applied = :before")
                .expression_attribute_values(":before", number(to - 1)),
        };
        let Err(error) = update.send().await else {
            return Ok(());
        };
        let stored = refusal(error)?;
        Err(SaveError::Conflict(Some(Box::new(applied_in(stored)?))))
    }
}

fn applied_in(image: Option<Image>) -> Result<Sequence, StoreError> {
    let applied = image.map(read_applied).transpose();
    let applied = applied.map_err(|error| broken(&error))?;
    Ok(applied.unwrap_or(Sequence::NONE))
}

/// What a failed condition told of the stored item; any other error as it is.
pub(crate) fn refusal(error: SdkError<UpdateItemError>) -> Result<Option<Image>, StoreError> {
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(refusal)) => {
            Ok(refusal.item.clone().map(Image::from))
        }
        _ => Err(classify(error)),
    }
}

impl CountDeliveries for Table<Realtime> {
    /// A claim whose answer was lost has been counted: the next one is the second.
    async fn claim(&self, message: &str) -> Result<Delivery, StoreError> {
        let claim = self
            .update(&Key::Mail(message.to_owned()), DELIVERY)
            .update_expression("SET #entity = :entity ADD tries :one")
            .condition_expression(
                "attribute_not_exists(tries) OR (tries < :most AND attribute_not_exists(sent))",
            )
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":most", number(2))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let claimed = claim.is_ok();
        let image = match claim {
            Ok(answer) => answer.attributes.map(Image::from),
            Err(error) => refusal(error)?,
        };
        let delivery = read_delivery(image.unwrap_or_default(), claimed);
        delivery.map_err(|error| broken(&error))
    }

    async fn sent(&self, message: &str) -> Result<(), StoreError> {
        self.update(&Key::Mail(message.to_owned()), DELIVERY)
            .update_expression("SET #entity = :entity, sent = :sent ADD tries :none")
            .expression_attribute_values(":sent", AttributeValue::Bool(true))
            .expression_attribute_values(":none", number(0))
            .send()
            .await
            .map_err(classify)?;
        Ok(())
    }

    /// Nothing happens where no try is open.
    async fn not_sent(&self, message: &str) -> Result<(), StoreError> {
        let give_back = self
            .update(&Key::Mail(message.to_owned()), DELIVERY)
            .update_expression("SET #entity = :entity, tries = tries - :one")
            .condition_expression("tries >= :one AND attribute_not_exists(sent)")
            .expression_attribute_values(":one", number(1))
            .send()
            .await;
        match give_back {
            Ok(_) => Ok(()),
            Err(error) => refusal(error).map(|_| ()),
        }
    }
}

impl Table<Realtime> {
    fn update(&self, key: &Key, entity: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .key(PK, text(key.pk()))
            .expression_attribute_names("#entity", ENTITY)
            .expression_attribute_values(":entity", text(entity))
    }
}
