//! Finds what no state machine looks after any more and hands it to recovery.
//!
//! | | |
//! |---|---|
//! | trigger | every minute |
//! | reads | orders of a certain age, those that recovery was to look at again, payments and shipments that are still closing |
//! | writes | a new epoch on each order that it takes over, how far it has come |
//! | emits | executions of the recovery machine |
//! | fails with | Unavailable, when some could not be handed over; the next minute tries again |
//! | safe to repeat because | the epoch is taken by a conditional write, an execution's name is its epoch, and the mark of how far it has come moves past nothing but what was handed over, has ended, or is kept beside it |
//!
//! Most orders end by themselves and cost nothing but a look: when their time is over, again later
//! because an index may lag behind its table and a clock behind another, and once more a day after
//! they were placed. An order is listed for recovery only from when recovery looks after it; what
//! cannot be handed over is kept beside the mark and tried by every sweep until it is.

use std::collections::BTreeSet;

use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use domain::ports::{
    KeepSweepMark, ListClosing, ListOpenOrders, ListOrdersByDay, Load, Save, SaveError, StartError,
    StartRecovery, StoreError, SweepMark,
};
use domain::recovery::OPEN_FOR;
use domain::{Epoch, Order, OrderId};
use jiff::{SignedDuration, Timestamp};
use lambda_boot::{ConfigError, Env};
use serde::Serialize;
use tracing::{error, warn};

/// Orders taken over in one sweep of those that recovery has let go of, and as many of those that
/// it never had; the next sweep goes on where this one ended.
const MOST_ORDERS: u16 = 600;
/// Orders that could not be handed over and are kept for the next sweep. Where there are more, all
/// others are handed over as well, and the mark stays.
const MOST_LEFT: usize = 100;
/// Ages at which every order is looked at, the oldest first.
const AGES: [SignedDuration; 3] = [LAST_LOOK, SignedDuration::from_mins(15), OPEN_FOR];
const LAST_LOOK: SignedDuration = SignedDuration::from_hours(24);
/// What is swept at once after sweeps were missed: doubled while there are few orders in it.
const STRETCH: SignedDuration = SignedDuration::from_mins(1);
/// Few.
const FEW: usize = 1_000;
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
    /// Whether there was more than one sweep may take over, or keep: the next goes on.
    pub unfinished: bool,
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
    #[error("others wrote it each time")]
    Contended,
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
    for order_id in orders.overdue(now, MOST_ORDERS).await? {
        swept.note(order_id, take_over(orders, recovery, order_id, now).await);
    }
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
    let mark = mark_of(&mut swept, orders, now).await?;
    sweep_placed(&mut swept, (orders, recovery), mark, now).await?;
    match swept.failed {
        0 => Ok(swept),
        failed => Err(SweepError::Incomplete(failed)),
    }
}

/// Where to go on. A mark that a wrong clock set is told, and a day is swept anew.
async fn mark_of(
    swept: &mut Swept,
    orders: &impl Orders,
    now: Timestamp,
) -> Result<SweepMark, StoreError> {
    let first = |left| SweepMark {
        until: before(now, LAST_LOOK),
        left,
    };
    Ok(match orders.sweep_mark().await? {
        Some(mark) if mark.is_ahead_of(now) => {
            error!(mark = %mark.until, "the mark is ahead of the clock");
            swept.failed += 1;
            first(mark.left)
        }
        Some(mark) => mark,
        None => first(Vec::new()),
    })
}

/// Tries what was left once more, then goes through the orders that have come to one of their ages
/// since the mark. It moves as long as everything before it was handed over or is kept beside it;
/// the rest is gone through again by the next sweep.
async fn sweep_placed(
    swept: &mut Swept,
    (orders, recovery): (&impl Orders, &impl StartRecovery),
    mut mark: SweepMark,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut room = u32::from(MOST_ORDERS);
    let mut hand_over = async |ids: Vec<OrderId>, left: &mut BTreeSet<OrderId>| {
        for order_id in ids {
            if room == 0 {
                return false;
            }
            match swept.note(order_id, take_over(orders, recovery, order_id, now).await) {
                Done::TakenOver => room -= 1,
                Done::Needless => {}
                Done::Failed => drop(left.insert(order_id)),
            }
        }
        true
    };
    let mut left = BTreeSet::new();
    let mut finished = hand_over(std::mem::take(&mut mark.left), &mut left).await;
    mark.left = left.iter().copied().collect();
    orders.note_swept(&mark, now).await?;
    let (mut since, mut stretch) = (mark.until, STRETCH);
    while finished && since < now {
        let until = since.checked_add(stretch).map_or(now, |it| it.min(now));
        let mut looked_at = 0;
        for age in AGES {
            let placed = orders.placed_between(before(since, age), before(until, age));
            let placed = placed.await?;
            looked_at += placed.len();
            let mut open = orders.unended(&placed).await?;
            // All others are listed.
            open.retain(|order| order.next_look.is_none());
            let forgotten = open.into_iter().map(|order| order.id).collect();
            finished = finished && hand_over(forgotten, &mut left).await;
        }
        if finished && left.len() <= MOST_LEFT {
            let left = left.iter().copied().collect();
            orders.note_swept(&SweepMark { until, left }, now).await?;
        }
        since = until;
        stretch = if looked_at < FEW {
            stretch + stretch
        } else {
            STRETCH
        };
    }
    swept.unfinished = !finished || left.len() > MOST_LEFT;
    Ok(())
}

fn before(time: Timestamp, age: SignedDuration) -> Timestamp {
    time.checked_sub(age).unwrap_or(Timestamp::MIN)
}

/// What became of one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    TakenOver,
    Needless,
    Failed,
}

impl Swept {
    fn note(&mut self, order_id: OrderId, done: Result<bool, HandOverError>) -> Done {
        match done {
            Ok(true) => {
                self.taken_over += 1;
                Done::TakenOver
            }
            Ok(false) => Done::Needless,
            Err(error) => {
                self.note_failure(order_id, &error);
                Done::Failed
            }
        }
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
    Err(HandOverError::Contended)
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
        .filter(|order| order.is_at_rest());
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
