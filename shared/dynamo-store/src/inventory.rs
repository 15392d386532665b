//! Stock and leases. Two items change together: stock and lease move in one transaction
//! or not at all.

#[cfg(test)]
mod tests;
mod transaction;

use aws_sdk_dynamodb::config::Config;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason};
use domain::ports::{Cause, HoldError, HoldStock, Save, SaveError, StockShelves, StoreError};
use domain::{Aggregate, Lease, Sku, StockLine};
use jiff::Timestamp;

use crate::answer::{broken, classify};
use crate::contention::{MAX_TRIES, failed_condition, passes, step_aside};
use crate::inventory::transaction::{Direction, Transaction, moved};
use crate::item::Image;
use crate::item::stock::{ENTITY, Stock};
use crate::key::Key;
use crate::schema::{NEWS, PK, VERSION};
use crate::store::in_a_box;
use crate::table::{CAPACITY, Inventory, Table, number, text};

impl HoldStock for Table<Inventory> {
    async fn hold(&self, lease: Lease, now: Timestamp) -> Result<Lease, HoldError> {
        if lease.takes_stock() {
            return self.move_stock(lease, Direction::Out, now).await;
        }
        self.save_alone(lease).await
    }

    async fn give_back(&self, lease: Lease, now: Timestamp) -> Result<Lease, HoldError> {
        if lease.gives_back() {
            return self.move_stock(lease, Direction::Back, now).await;
        }
        self.save_alone(lease).await
    }
}

impl Table<Inventory> {
    /// Where no stock moves, a single put costs half of a transaction.
    async fn save_alone(&self, lease: Lease) -> Result<Lease, HoldError> {
        if !lease.changes().is_changed() {
            return Ok(lease);
        }
        self.save(lease).await.map_err(|error| match error {
            SaveError::Conflict(stored) => HoldError::Conflict(stored),
            SaveError::Store(error) => HoldError::Store(error),
        })
    }
}

/// What a cancelled transaction means.
enum Outcome {
    Refused(HoldError),
    /// It met another transaction: nothing happened, try again.
    Met,
}

impl Table<Inventory> {
    async fn move_stock(
        &self,
        mut lease: Lease,
        direction: Direction,
        now: Timestamp,
    ) -> Result<Lease, HoldError> {
        let transaction = Transaction::new(&self.name, &lease, direction, now)?;
        for tried in 1..=MAX_TRIES {
            let Err(error) = transaction.send(&self.client).await else {
                lease.changes_mut().saved();
                return Ok(lease);
            };
            match outcome(error, moved(&lease, direction)) {
                Outcome::Refused(error) => return Err(error),
                Outcome::Met if tried < MAX_TRIES => step_aside(transaction.token(), tried).await,
                Outcome::Met => break,
            }
        }
        let cause = Cause(format!("met other transactions {MAX_TRIES} times"));
        Err(StoreError::Unavailable(cause).into())
    }
}

fn outcome(error: SdkError<TransactWriteItemsError>, lines: &[StockLine]) -> Outcome {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            because(cancelled.cancellation_reasons(), lines)
        }
        Some(TransactWriteItemsError::TransactionInProgressException(_)) => Outcome::Met,
        // The same change was sent before with another content: somebody else was faster.
        Some(TransactWriteItemsError::IdempotentParameterMismatchException(_)) => {
            Outcome::Refused(HoldError::Conflict(None))
        }
        _ => Outcome::Refused(classify(error).into()),
    }
}

/// The lease's own reason comes first: a twin that holds the same lease may have taken the last
/// pieces, and that is no shortage. The first entry is the lease's, then one per line.
fn because(reasons: &[CancellationReason], lines: &[StockLine]) -> Outcome {
    if let Some(reason) = reasons.first()
        && failed_condition(reason)
    {
        let stored = reason.item.clone().map(Image::from);
        return Outcome::Refused(match in_a_box(stored) {
            Ok(stored) => HoldError::Conflict(stored),
            Err(error) => error.into(),
        });
    }
    if reasons.iter().any(passes) {
        return Outcome::Met;
    }
    let mut lines = reasons.iter().skip(1).zip(lines);
    match lines.find(|(reason, _)| failed_condition(reason)) {
        Some((reason, line)) => Outcome::Refused(shortage(reason, line)),
        None => {
            let codes: Vec<_> = reasons.iter().map(|reason| reason.code()).collect();
            let cause = Cause(format!("cancelled: {codes:?}"));
            Outcome::Refused(StoreError::Broken(cause).into())
        }
    }
}

fn shortage(reason: &CancellationReason, line: &StockLine) -> HoldError {
    let Some(image) = reason.item.clone() else {
        return HoldError::UnknownSku(line.sku.clone());
    };
    match Stock::decode(image.into()) {
        Ok(stock) => HoldError::OutOfStock {
            sku: line.sku.clone(),
            wanted: line.quantity,
            available: stock.available,
        },
        Err(error) => broken(&error).into(),
    }
}

impl StockShelves for Table<Inventory> {
    /// Not safe to repeat: each call adds. Sent once for that reason, so after an answer that was
    /// lost the caller has to look at what is available.
    async fn restock(&self, line: &StockLine, now: Timestamp) -> Result<(), StoreError> {
        self.client
            .update_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .key(PK, text(Key::Stock(line.sku.clone()).pk()))
            .update_expression(
                "SET #entity = :entity, changed_at = :now, #news = :true \
                 ADD available :quantity, #version :one",
            )
            .expression_attribute_names("#news", NEWS)
            .expression_attribute_values(":true", AttributeValue::Bool(true))
            .expression_attribute_names("#entity", crate::schema::ENTITY)
            .expression_attribute_names("#version", VERSION)
            .expression_attribute_values(":entity", text(ENTITY))
            .expression_attribute_values(":now", number(now.as_nanosecond()))
            .expression_attribute_values(":quantity", number(line.quantity))
            .expression_attribute_values(":one", number(1))
            .customize()
            .config_override(Config::builder().retry_config(RetryConfig::disabled()))
            .send()
            .await
            .map_err(classify)?;
        Ok(())
    }

    async fn available(&self, sku: &Sku) -> Result<Option<u32>, StoreError> {
        let image = self.get(&Key::Stock(sku.clone())).await?;
        let stock = image.map(Stock::decode).transpose();
        let stock = stock.map_err(|error| broken(&error))?;
        Ok(stock.map(|stock| stock.available))
    }
}
