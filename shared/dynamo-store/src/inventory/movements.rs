//! Movements of stock, each once: the record of a movement and the stock that it moves change in one
//! transaction.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, TransactWriteItem};
use domain::ports::{Cause, KeepStock, Listed, MoveError, Moved, StoreError};
use domain::{MovementKind, Sku, Stock, StockMovement};
use jiff::Timestamp;

use crate::answer::{broken, classify};
use crate::contention::{MAX_TRIES, failed_condition, passes, step_aside};
use crate::inventory::shelf::{Change, Mark};
use crate::inventory::transaction::token_of;
use crate::item::movement::{decode, encode};
use crate::item::stock::Shelf;
use crate::table::{CAPACITY, Inventory, Table};

/// What the stock is taken to be.
#[derive(Clone, Copy, Debug)]
enum Taken {
    Known(Mark),
    Unknown,
}

impl Taken {
    fn change(self, movement: &StockMovement) -> Change {
        let (sku, by) = (movement.sku.clone(), i64::from(movement.by));
        match self {
            Self::Known(mark) => Change::of_movement(sku, by, mark),
            Self::Unknown => Change::first(sku, by),
        }
    }
}

/// What a cancelled transaction means.
enum Outcome {
    Done(Moved),
    Refused(MoveError),
    /// It met another transaction.
    Met,
    /// The stock is otherwise.
    Otherwise(Taken),
}

impl KeepStock for Table<Inventory> {
    async fn stock(&self, sku: &Sku) -> Result<Option<Stock>, StoreError> {
        Ok(self.shelf(sku).await?.map(|shelf| shelf.stock))
    }

    async fn move_stock(&self, movement: StockMovement) -> Result<Moved, MoveError> {
        let image = encode(&movement).map_err(|error| broken(&error))?;
        let image = self.signed(image)?;
        let mut taken = Taken::Known(Mark::Kept);
        for tried in 1..=MAX_TRIES {
            let time = movement.at.as_nanosecond();
            let token = token_of(&format!("{} {time} {taken:?}", movement.id));
            let writes = vec![
                self.writing(image.clone(), 0)?,
                taken.change(&movement).write(&self.name, movement.at)?,
            ];
            let Err(error) = self.transact(writes, &token).await else {
                return Ok(Moved {
                    movement,
                    replayed: false,
                });
            };
            match outcome(error, &movement) {
                Outcome::Done(moved) => return Ok(moved),
                Outcome::Refused(error) => return Err(error),
                Outcome::Met if tried < MAX_TRIES => step_aside(&token, tried).await,
                Outcome::Met => break,
                Outcome::Otherwise(other) => taken = other,
            }
        }
        let cause = Cause(format!("met other transactions {MAX_TRIES} times"));
        Err(StoreError::Unavailable(cause).into())
    }

    async fn set_low_at(
        &self,
        sku: &Sku,
        low_at: u32,
        now: Timestamp,
    ) -> Result<Option<Stock>, StoreError> {
        self.change_low_at(sku, low_at, now).await
    }

    async fn list_low(&self, after: Option<&str>, limit: u8) -> Result<Listed<Stock>, StoreError> {
        self.page_of_low(after, limit).await
    }
}

impl Table<Inventory> {
    async fn transact(
        &self,
        writes: Vec<TransactWriteItem>,
        token: &str,
    ) -> Result<(), SdkError<TransactWriteItemsError>> {
        self.client
            .transact_write_items()
            .return_consumed_capacity(CAPACITY)
            .set_transact_items(Some(writes))
            .client_request_token(token)
            .send()
            .await
            .map(|_| ())
    }
}

fn outcome(error: SdkError<TransactWriteItemsError>, movement: &StockMovement) -> Outcome {
    let cancelled = match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => cancelled,
        Some(TransactWriteItemsError::TransactionInProgressException(_)) => return Outcome::Met,
        _ => return Outcome::Refused(classify(error).into()),
    };
    let [record, stock] = cancelled.cancellation_reasons() else {
        let cause = Cause("cancelled without reasons".to_owned());
        return Outcome::Refused(StoreError::Broken(cause).into());
    };
    if failed_condition(record) {
        return done_before(record, movement).map_or_else(Outcome::Refused, Outcome::Done);
    }
    if passes(record) || passes(stock) {
        return Outcome::Met;
    }
    if failed_condition(stock) {
        return otherwise(stock, movement).map_or_else(Outcome::Refused, Outcome::Otherwise);
    }
    let cause = Cause(format!(
        "cancelled: {:?}, {:?}",
        record.code(),
        stock.code()
    ));
    Outcome::Refused(StoreError::Broken(cause).into())
}

/// The movement is recorded already: the first one stands, if it is the same.
fn done_before(record: &CancellationReason, movement: &StockMovement) -> Result<Moved, MoveError> {
    let image = record.item.clone().unwrap_or_default();
    let first = decode(image.into()).map_err(|error| broken(&error))?;
    if !movement.is_repeat_of(&first) {
        return Err(MoveError::KeyReused);
    }
    Ok(Moved {
        movement: first,
        replayed: true,
    })
}

fn otherwise(stock: &CancellationReason, movement: &StockMovement) -> Result<Taken, MoveError> {
    let by = i64::from(movement.by);
    let Some(image) = stock.item.clone() else {
        return match movement.kind {
            MovementKind::Restock => Ok(Taken::Unknown),
            MovementKind::Adjustment => Err(MoveError::UnknownSku(movement.sku.clone())),
        };
    };
    let shelf = Shelf::decode(image.into()).map_err(|error| broken(&error))?;
    let available = shelf.stock.available;
    if i64::from(available).saturating_add(by) < 0 {
        return Err(MoveError::TooFew { available });
    }
    if i64::from(shelf.stock.put_in).saturating_add(by) > i64::from(Stock::MAX) {
        return Err(MoveError::TooMany);
    }
    Ok(Taken::Known(Mark::of(&shelf, by)))
}
