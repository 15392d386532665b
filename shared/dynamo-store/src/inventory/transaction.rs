//! The transaction of a lease and the stock of its lines.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use domain::ports::StoreError;
use domain::{Aggregate, Lease, StockLine};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::answer::broken;
use crate::key::Key;
use crate::schema::{NEWS, PK, VERSION};
use crate::store::encoded;
use crate::table::{CAPACITY, number, text};

/// Where the pieces go.
#[derive(Clone, Copy)]
pub(super) enum Direction {
    /// From the shelf to the lease.
    Out,
    /// From the lease to the shelf.
    Back,
}

pub(super) struct Transaction {
    writes: Vec<TransactWriteItem>,
    token: String,
}

impl Transaction {
    pub(super) fn new(
        table: &str,
        lease: &Lease,
        direction: Direction,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut writes = vec![put_lease(table, lease)?];
        for line in moved(lease, direction) {
            writes.push(update_stock(table, line, direction, now)?);
        }
        Ok(Self {
            writes,
            token: token(lease, direction, now),
        })
    }

    pub(super) async fn send(
        &self,
        client: &Client,
    ) -> Result<(), SdkError<TransactWriteItemsError>> {
        client
            .transact_write_items()
            .return_consumed_capacity(CAPACITY)
            .set_transact_items(Some(self.writes.clone()))
            .client_request_token(&self.token)
            .send()
            .await
            .map(|_| ())
    }

    /// Tells this change from others.
    pub(super) fn token(&self) -> &str {
        &self.token
    }
}

/// What moves, in the order of the writes that follow the lease's.
pub(super) fn moved(lease: &Lease, direction: Direction) -> &[StockLine] {
    match direction {
        Direction::Out => &lease.lines,
        Direction::Back => lease.given_back(),
    }
}

/// The same change of the same lease always has the same token, so that a repeat after a lost
/// answer has no second effect.
pub(super) fn token(lease: &Lease, direction: Direction, now: Timestamp) -> String {
    let way = match direction {
        Direction::Out => "out",
        Direction::Back => "back",
    };
    let (id, version) = (lease.order_id, lease.changes().next_version());
    let digest = Sha256::digest(format!("{id} {version} {way} {}", now.as_nanosecond()));
    let mut first = [0_u8; 16];
    for (to, from) in first.iter_mut().zip(digest) {
        *to = from;
    }
    Uuid::new_v8(first).to_string()
}

fn put_lease(table: &str, lease: &Lease) -> Result<TransactWriteItem, StoreError> {
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(encoded(lease)?.into()))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    let put = match lease.changes().stored_version() {
        0 => put
            .condition_expression("attribute_not_exists(#key)")
            .expression_attribute_names("#key", PK),
        version => put
            .condition_expression("#version = :version")
            .expression_attribute_names("#version", VERSION)
            .expression_attribute_values(":version", number(version)),
    };
    let put = put.build().map_err(|error| broken(&error))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

fn update_stock(
    table: &str,
    line: &StockLine,
    direction: Direction,
    now: Timestamp,
) -> Result<TransactWriteItem, StoreError> {
    let (change, condition) = match direction {
        Direction::Out => (
            "SET available = available - :quantity, changed_at = :now, #news = :true ADD #version :one",
            "available >= :quantity",
        ),
        Direction::Back => (
            "SET available = available + :quantity, changed_at = :now, #news = :true ADD #version :one",
            "attribute_exists(available)",
        ),
    };
    let update = Update::builder()
        .table_name(table)
        .key(PK, text(Key::Stock(line.sku.clone()).pk()))
        .update_expression(change)
        .condition_expression(condition)
        .expression_attribute_names("#version", VERSION)
        .expression_attribute_names("#news", NEWS)
        .expression_attribute_values(":true", AttributeValue::Bool(true))
        .expression_attribute_values(":quantity", number(line.quantity))
        .expression_attribute_values(":now", number(now.as_nanosecond()))
        .expression_attribute_values(":one", number(1))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
        .map_err(|error| broken(&error))?;
    Ok(TransactWriteItem::builder().update(update).build())
}
