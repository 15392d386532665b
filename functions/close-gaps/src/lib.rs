//! Sends consumers again what they wait for: events that they hold have come before others.
//!
//! | | |
//! |---|---|
//! | trigger | every minute |
//! | reads | inboxes with a gap that is due; the order or shipment that they are of |
//! | writes | when to look at each gap again |
//! | emits | the missing events, into the queue of the consumer that lacks them |
//! | fails with | Unavailable, when some could not be looked at; the next minute tries again |
//! | safe to repeat because | an event's id is derived from aggregate and sequence: consumers drop what they have seen |
//!
//! A gap closes by itself where the missing event is only late. What is missing for longer lies in a
//! dead-letter queue, was never published, or was published before there was the consumer. Nothing but
//! an event that cannot be applied keeps a gap open then; after ten minutes a person is called.

use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::events::{
    Envelope, PublishError, PublishEvents, PublishOutcome, envelopes_of_order,
    envelopes_of_shipment,
};
use domain::ports::{Cause, Inbox, ListGaps, Load, SaveError, StoreError};
use domain::{AggregateKind, Gap, Order, OrderId, Sequence, Shipment, Taken};
use futures::future::join;
use jiff::Timestamp;
use lambda_boot::{ConfigError, Env};
use serde::Serialize;
use tracing::{error, warn};

/// Gaps of one consumer that one run looks at: about half of its time, a tenth of a second each.
const MOST: u16 = 250;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The orders table, with the inbox of `track-shipments`.
    pub orders: String,
    /// The shipping table.
    pub shipping: String,
    /// The realtime table, with the inbox of `notify`.
    pub realtime: String,
    /// The queue of `notify`.
    pub notify: String,
    /// The queue of `track-shipments`.
    pub track_shipments: String,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let orders = read.text("ORDERS_TABLE");
        let shipping = read.text("SHIPPING_TABLE");
        let realtime = read.text("REALTIME_TABLE");
        let notify = read.text("NOTIFY_QUEUE_URL");
        let track_shipments = read.text("TRACK_SHIPMENTS_QUEUE_URL");
        read.finish(|| {
            Some(Self {
                orders: orders?,
                shipping: shipping?,
                realtime: realtime?,
                notify: notify?,
                track_shipments: track_shipments?,
            })
        })
    }
}

/// Where consumers are sent what they lack.
#[derive(Clone, Debug)]
pub struct Queues<Q> {
    /// To `notify`.
    pub notify: Q,
    /// To `track-shipments`.
    pub track_shipments: Q,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Gaps whose missing events were sent again.
    pub asked: u32,
    /// How many of them a person was called about.
    pub overdue: u32,
    /// Gaps that could not be looked at.
    pub failed: u32,
}

impl Asked {
    /// Both.
    const fn and(self, other: Self) -> Self {
        Self {
            asked: self.asked + other.asked,
            overdue: self.overdue + other.overdue,
            failed: self.failed + other.failed,
        }
    }
}

/// Why not everything was asked for.
#[derive(Debug, thiserror::Error)]
pub enum GapError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Some gaps could not be looked at.
    #[error("{0} gaps could not be looked at")]
    Incomplete(u32),
}

impl EdgeError for GapError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Store(error) => error.name(),
            Self::Incomplete(_) => ErrorName::Unavailable,
        }
    }
}

/// Why one gap was not looked at.
#[derive(Debug, thiserror::Error)]
enum AskError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Queue(#[from] PublishError),
    #[error("an event was not sent")]
    NotSent(#[source] Cause),
    #[error("no events of it are kept")]
    Unknown,
}

impl AskError {
    /// Whether the next minute would end the same way. It is told, and looked at as rarely as a gap
    /// that was asked for.
    const fn is_for_good(&self) -> bool {
        matches!(
            self,
            Self::Unknown
                | Self::Store(StoreError::Broken(_))
                | Self::Queue(PublishError::Refused(_))
        )
    }
}

/// Looks at every gap that is due, of all consumers. One that cannot be looked at stops no other.
///
/// # Errors
/// [`GapError`].
pub async fn handle<O, S, R, Q>(
    orders: &O,
    shipments: &S,
    realtime: &R,
    queues: &Queues<Q>,
    now: Timestamp,
) -> Result<Asked, GapError>
where
    O: Load<Order> + Inbox + ListGaps,
    S: Load<Shipment>,
    R: Inbox + ListGaps,
    Q: PublishEvents,
{
    let run = Run {
        orders,
        shipments,
        now,
    };
    let notify = Consumer {
        name: "notify",
        inbox: realtime,
        queue: &queues.notify,
    };
    let track_shipments = Consumer {
        name: "track-shipments",
        inbox: orders,
        queue: &queues.track_shipments,
    };
    // Beside each other: neither waits for what the other one lacks.
    let (one, other) = join(run.look_at(&notify), run.look_at(&track_shipments)).await;
    let asked = one?.and(other?);
    match asked.failed {
        0 => Ok(asked),
        failed => Err(GapError::Incomplete(failed)),
    }
}

struct Consumer<'a, I, Q> {
    name: &'static str,
    inbox: &'a I,
    queue: &'a Q,
}

struct Run<'a, O, S> {
    orders: &'a O,
    shipments: &'a S,
    now: Timestamp,
}

impl<O: Load<Order>, S: Load<Shipment>> Run<'_, O, S> {
    async fn look_at<I: Inbox + ListGaps, Q: PublishEvents>(
        &self,
        consumer: &Consumer<'_, I, Q>,
    ) -> Result<Asked, StoreError> {
        let mut asked = Asked::default();
        for aggregate in consumer.inbox.gaps_due(self.now, MOST).await? {
            match self.close(consumer, &aggregate).await {
                Ok(closed) => asked = asked.and(closed),
                Err(error) => {
                    asked.failed += 1;
                    let (consumer, error) = (consumer.name, &error as &dyn std::error::Error);
                    warn!(consumer, aggregate, error, "a gap was not looked at");
                }
            }
        }
        Ok(asked)
    }

    /// That the gap was looked at is noted before anything is sent: the consumer writes the same
    /// inbox as soon as it has the first event, and what cannot be noted would be sent each minute.
    async fn close<I: Inbox, Q: PublishEvents>(
        &self,
        consumer: &Consumer<'_, I, Q>,
        aggregate: &str,
    ) -> Result<Asked, AskError> {
        let inbox = consumer.inbox;
        let taken = inbox.taken(aggregate).await?;
        // The list may lag: it was closed, or looked at.
        let Some(gap) = taken.gap.filter(|gap| gap.next_look < self.now) else {
            return Ok(Asked::default());
        };
        let mut looked = taken.clone();
        looked.asked(self.now);
        let mut noted = match inbox.save_taken(aggregate, looked).await {
            Ok(noted) => noted,
            // What came meanwhile may have closed it; if not, it is due still.
            Err(SaveError::Conflict(_)) => return Ok(Asked::default()),
            Err(SaveError::Store(error)) => return Err(error.into()),
        };
        let is_overdue = gap.is_overdue(self.now);
        if is_overdue {
            call_a_person(consumer.name, aggregate, &taken, gap);
        }
        if let Err(error) = self.send(consumer.queue, aggregate, &taken).await {
            if !error.is_for_good() {
                // The next minute tries again. Where others wrote it, or this fails, a later one.
                noted.gap = Some(gap);
                drop(inbox.save_taken(aggregate, noted).await);
            }
            return Err(error);
        }
        Ok(Asked {
            asked: 1,
            overdue: u32::from(is_overdue),
            failed: 0,
        })
    }

    /// Sends what is missing.
    async fn send(
        &self,
        queue: &impl PublishEvents,
        aggregate: &str,
        taken: &Taken,
    ) -> Result<(), AskError> {
        let mut missing = self.events_of(aggregate).await?;
        missing.retain(|event| taken.lacks(Sequence(event.sequence)));
        for outcome in queue.publish(&missing).await? {
            match outcome {
                PublishOutcome::Failed(cause) => return Err(AskError::NotSent(cause)),
                PublishOutcome::Published | PublishOutcome::Held => {}
                PublishOutcome::Refused(_) | PublishOutcome::TooLarge(_) => {
                    cannot_be_sent(aggregate, &outcome);
                }
            }
        }
        Ok(())
    }

    /// All of its events.
    async fn events_of(&self, aggregate: &str) -> Result<Vec<Envelope>, AskError> {
        let (kind, id) = aggregate.split_once('/').ok_or(AskError::Unknown)?;
        let id = OrderId::parse(id).map_err(|_| AskError::Unknown)?;
        let all = Sequence::NONE;
        let events = if kind == AggregateKind::Order.name() {
            let order: Option<Order> = self.orders.load(&id).await?;
            order.map(|order| envelopes_of_order(&order, all))
        } else if kind == AggregateKind::Shipment.name() {
            let shipment: Option<Shipment> = self.shipments.load(&id).await?;
            shipment.map(|shipment| envelopes_of_shipment(&shipment, all))
        } else {
            None
        };
        events.ok_or(AskError::Unknown)
    }
}

/// Whoever is called when the gap is overdue finds it here.
fn cannot_be_sent(aggregate: &str, outcome: &PublishOutcome) {
    error!(aggregate, ?outcome, "a missing event cannot be sent");
}

/// The field `gap` is what the alarm looks for.
fn call_a_person(consumer: &str, aggregate: &str, taken: &Taken, gap: Gap) {
    let (applied, held) = (taken.applied.0, taken.held.len());
    error!(
        gap = true,
        consumer,
        aggregate,
        applied,
        held,
        since = %gap.since,
        "events wait for one that does not come, or cannot be applied"
    );
}

#[cfg(test)]
mod tests;
