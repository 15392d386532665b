//! Stock and leases. Two items change together: stock and lease move in one transaction
//! or not at all.

mod low;
mod movements;
mod shelf;
#[cfg(test)]
mod tests;
mod transaction;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;
use domain::ports::{Cause, HoldError, HoldStock, Save, SaveError, StoreError};
use domain::{Aggregate, Lease, StockLine};
use jiff::Timestamp;

use crate::answer::{broken, classify};
use crate::contention::{MAX_TRIES, failed_condition, passes, step_aside};
use crate::inventory::shelf::Mark;
use crate::inventory::transaction::{Direction, Transaction, moved};
use crate::item::Image;
use crate::item::stock::Shelf;
use crate::store::in_a_box;
use crate::table::{Inventory, Table};

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
    /// Stock becomes low by it, or is so no longer: with these marks it is right.
    Turns(Vec<Mark>),
}

impl Table<Inventory> {
    async fn move_stock(
        &self,
        mut lease: Lease,
        direction: Direction,
        now: Timestamp,
    ) -> Result<Lease, HoldError> {
        let mut marks = vec![Mark::Kept; moved(&lease, direction).len()];
        for tried in 1..=MAX_TRIES {
            let transaction = Transaction::new(&self.name, &lease, (direction, &marks), now)?;
            let Err(error) = transaction.send(&self.client).await else {
                lease.changes_mut().saved();
                return Ok(lease);
            };
            match outcome(error, &lease, (direction, &marks)) {
                Outcome::Refused(error) => return Err(error),
                Outcome::Turns(other) => marks = other,
                Outcome::Met if tried < MAX_TRIES => step_aside(transaction.token(), tried).await,
                Outcome::Met => break,
            }
        }
        let cause = Cause(format!("met other transactions {MAX_TRIES} times"));
        Err(StoreError::Unavailable(cause).into())
    }
}

fn outcome(
    error: SdkError<TransactWriteItemsError>,
    lease: &Lease,
    tried: (Direction, &[Mark]),
) -> Outcome {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            because(cancelled.cancellation_reasons(), lease, tried)
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
fn because(
    reasons: &[CancellationReason],
    lease: &Lease,
    (direction, marks): (Direction, &[Mark]),
) -> Outcome {
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
    if !reasons.iter().any(failed_condition) {
        let codes: Vec<_> = reasons.iter().map(|reason| reason.code()).collect();
        let cause = Cause(format!("cancelled: {codes:?}"));
        return Outcome::Refused(StoreError::Broken(cause).into());
    }
    let lines = reasons
        .iter()
        .skip(1)
        .zip(moved(lease, direction))
        .zip(marks);
    let marks = lines.map(|((reason, line), mark)| match failed_condition(reason) {
        true => mark_after(reason, line, direction),
        false => Ok(*mark),
    });
    match marks.collect() {
        Ok(marks) => Outcome::Turns(marks),
        Err(refusal) => Outcome::Refused(refusal),
    }
}

/// A line whose condition failed is short, or turns.
fn mark_after(
    reason: &CancellationReason,
    line: &StockLine,
    direction: Direction,
) -> Result<Mark, HoldError> {
    let Some(image) = reason.item.clone() else {
        return Err(HoldError::UnknownSku(line.sku.clone()));
    };
    let shelf = Shelf::decode(image.into()).map_err(|error| broken(&error))?;
    let available = shelf.stock.available;
    match direction {
        Direction::Out if available < line.quantity => Err(HoldError::OutOfStock {
            sku: line.sku.clone(),
            wanted: line.quantity,
            available,
        }),
        _ => Ok(Mark::of(&shelf, direction.by(line))),
    }
}
