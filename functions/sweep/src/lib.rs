//! Finds what no state machine looks after any more and hands it to recovery.
//!
//! | | |
//! |---|---|
//! | trigger | every minute |
//! | reads | orders of a certain age, those that recovery was to look at again, payments and shipments that are still closing |
//! | writes | a new epoch on each order that it takes over, how far it has come |
//! | emits | executions of the recovery machine |
//! | fails with | Unavailable, when some could not be handed over; the next minute tries again |
//! | safe to repeat because | the epoch is taken by a conditional write, an execution's name is its epoch, and the mark of how far it has come is set when nothing before it is left |
//!
//! Most orders end by themselves and cost nothing but a look: when their time is over, again soon
//! after because an index may lag behind its table, and once more a day later. An order is listed
//! for recovery only from when recovery looks after it.

use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use domain::ports::{
    KeepSweepMark, ListClosing, ListOpenOrders, ListOrdersByDay, Load, Save, SaveError, StartError,
    StartRecovery, StoreError,
};
use domain::recovery::OPEN_FOR;
use domain::{Epoch, Order, OrderId};
use jiff::{SignedDuration, Timestamp};
use lambda_boot::{ConfigError, Env};
use serde::Serialize;
use tracing::warn;

/// Orders taken over in one sweep, the oldest first; the next sweep goes on where this one ended.
const MOST_ORDERS: u16 = 1_000;
/// Ages at which every order is looked at.
const AGES: [SignedDuration; 3] = [OPEN_FOR, SignedDuration::from_mins(10), LAST_LOOK];
const LAST_LOOK: SignedDuration = SignedDuration::from_hours(24);
/// What is swept at once where sweeps were missed.
const STRETCH: SignedDuration = SignedDuration::from_hours(1);
/// Payments, and shipments, of one sweep.
const MOST_CLOSING: u16 = 50;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The orders table.
    pub orders: String,
    /// The payments table.
    pub payments: String,
    /// The shipping table.
    pub shipping: String,
    /// The recovery machine.
    pub recovery: String,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let orders = read.text("ORDERS_TABLE");
        let payments = read.text("PAYMENTS_TABLE");
        let shipping = read.text("SHIPPING_TABLE");
        let recovery = read.text("RECOVERY_ARN");
        read.finish(|| {
            Some(Self {
                orders: orders?,
                payments: payments?,
                shipping: shipping?,
                recovery: recovery?,
            })
        })
    }
}

/// What the function needs of the orders.
pub trait Orders:
    ListOpenOrders + ListOrdersByDay + KeepSweepMark + Load<Order> + Save<Order>
{
}
impl<S> Orders for S where
    S: ListOpenOrders + ListOrdersByDay + KeepSweepMark + Load<Order> + Save<Order>
{
}

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Orders taken over.
    pub taken_over: u32,
    /// Ended orders whose payment or shipment is asked to close once more.
    pub closing: u32,
    /// Orders that could not be handed over.
    pub failed: u32,
}

/// Why a sweep was not done, or not wholly.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Some orders could not be handed over.
    #[error("{0} orders could not be handed to recovery")]
    Incomplete(u32),
}

impl EdgeError for SweepError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Store(error) => error.name(),
            Self::Incomplete(_) => ErrorName::Unavailable,
        }
    }
}

/// Why one order was not handed over.
#[derive(Debug, thiserror::Error)]
enum HandOverError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Start(#[from] StartError),
}

impl HandOverError {
    /// Whether another try may help, and only this sweep knows of the order: once it was taken over
    /// it is listed.
    const fn may_pass_unlisted(&self) -> bool {
        matches!(self, Self::Store(StoreError::Unavailable(_)))
    }
}

/// Sweeps once. One order that cannot be handed over stops no other.
///
/// # Errors
/// [`SweepError`].
pub async fn handle(
    orders: &impl Orders,
    payments: &impl ListClosing,
    shipments: &impl ListClosing,
    recovery: &impl StartRecovery,
    now: Timestamp,
) -> Result<Swept, SweepError> {
    let mut swept = Swept::default();
    let overdue = orders.overdue(now, MOST_ORDERS).await?;
    swept.take_over_all(orders, recovery, overdue, now).await;
    sweep_placed(&mut swept, orders, recovery, now).await?;
    let mut closing = payments.closing_due(now, MOST_CLOSING).await?;
    closing.extend(shipments.closing_due(now, MOST_CLOSING).await?);
    closing.sort_unstable();
    closing.dedup();
    for order_id in closing {
        match close_again(orders, recovery, order_id, now).await {
            Ok(true) => swept.closing += 1,
            Ok(false) => {}
            Err(error) => swept.note_failure(order_id, &error),
        }
    }
    match swept.failed {
        0 => Ok(swept),
        failed => Err(SweepError::Incomplete(failed)),
    }
}

/// Goes through the orders placed since the last sweep, one age after the other.
async fn sweep_placed(
    swept: &mut Swept,
    orders: &impl Orders,
    recovery: &impl StartRecovery,
    now: Timestamp,
) -> Result<(), StoreError> {
    let first = || before(now, LAST_LOOK);
    let mut since = orders.swept_until().await?.unwrap_or_else(first);
    while since < now {
        let until = now.min(since.checked_add(STRETCH).unwrap_or(now));
        for age in AGES {
            let placed = orders.placed_between(before(since, age), before(until, age));
            let mut open = orders.unended(&placed.await?).await?;
            // All others are listed.
            open.retain(|order| order.next_look.is_none());
            let forgotten = open.into_iter().map(|order| order.id).collect();
            if !swept.take_over_all(orders, recovery, forgotten, now).await {
                return Ok(());
            }
        }
        orders.note_swept(until).await?;
        since = until;
    }
    Ok(())
}

fn before(time: Timestamp, age: SignedDuration) -> Timestamp {
    time.checked_sub(age).unwrap_or(Timestamp::MIN)
}

impl Swept {
    /// Whether none of them has to be tried again by the next sweep.
    async fn take_over_all(
        &mut self,
        orders: &impl Orders,
        recovery: &impl StartRecovery,
        ids: Vec<OrderId>,
        now: Timestamp,
    ) -> bool {
        let mut done = true;
        for order_id in ids {
            if self.taken_over >= u32::from(MOST_ORDERS) {
                return false;
            }
            match take_over(orders, recovery, order_id, now).await {
                Ok(true) => self.taken_over += 1,
                Ok(false) => {}
                Err(error) => {
                    done &= !error.may_pass_unlisted();
                    self.note_failure(order_id, &error);
                }
            }
        }
        done
    }

    fn note_failure(&mut self, order_id: OrderId, error: &HandOverError) {
        self.failed += 1;
        warn!(order.id = %order_id, error = error as &dyn std::error::Error, "not handed over");
    }
}

/// Whether the order needed it: nobody looks after it, and nobody else took it just now. One that
/// somebody wrote in between is looked at once more.
async fn take_over(
    orders: &impl Orders,
    recovery: &impl StartRecovery,
    order_id: OrderId,
    now: Timestamp,
) -> Result<bool, HandOverError> {
    let later = now.checked_add(OPEN_FOR).unwrap_or(Timestamp::MAX);
    for _ in 0..2 {
        let Some(mut order) = orders.load(&order_id).await? else {
            return Ok(false);
        };
        let looked_after = order.overdue_at() >= now;
        if looked_after || order.take_over(order.epoch, later).is_err() {
            return Ok(false);
        }
        match orders.save(order).await {
            Ok(order) => {
                recovery.start_recovery(order_id, order.epoch, None).await?;
                return Ok(true);
            }
            Err(SaveError::Conflict(_)) => {}
            Err(SaveError::Store(error)) => return Err(error.into()),
        }
    }
    Ok(false)
}

/// An order that is still open is recovery's already. One that ended is looked at again, at most
/// once an hour.
async fn close_again(
    orders: &impl Orders,
    recovery: &impl StartRecovery,
    order_id: OrderId,
    now: Timestamp,
) -> Result<bool, HandOverError> {
    let ended = orders
        .load(&order_id)
        .await?
        .filter(|order| order.state.is_ended());
    let Some(order) = ended else {
        return Ok(false);
    };
    let occasion = format!("closing-{}", now.strftime("%Y%m%dT%H"));
    let epoch: Epoch = order.epoch;
    recovery
        .start_recovery(order_id, epoch, Some(&occasion))
        .await?;
    Ok(true)
}

#[cfg(test)]
mod tests;
