//! The replay itself. The tables are the durable copy of all events: what the streams lost, after
//! any outage, is published again from them.

use std::fmt;
use std::io::Write;
use std::time::Duration;

use contracts::events::{Envelope, EventType, PublishError, PublishEvents, PublishOutcome};
use domain::ports::{Cause, ListOrdersByDay, Load, StoreError};
use domain::{Lease, Order, OrderId, Payment, Shipment};
use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tokio::time::sleep;

use super::stored::{Sources, Subject};
use crate::failure::{Ending, Failure};
use crate::pace::{Pace, Progress};

#[cfg(test)]
mod tests;

/// How long before the window an order may have been placed and still have news in it: the last
/// look at a payment that will not close comes after about a day, and one more is kept in hand.
const LONGEST_LIFE: SignedDuration = SignedDuration::from_hours(3 * 24);
/// How many orders are read and published at a time.
const AT_ONCE: usize = 20;
/// How often an event is tried, and how long to wait in between.
const TRIES: usize = 4;
const PAUSE: Duration = Duration::from_millis(500);

/// Which events.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// Those of aggregates that something happened to since; of all where nothing is said.
    pub(super) since: Option<Timestamp>,
    /// Of this aggregate only.
    pub(super) aggregate: Option<Subject>,
    /// Of this type only.
    pub(super) event_type: Option<EventType>,
    pub(super) now: Timestamp,
}

impl Wanted {
    /// A name for a replay that was given none.
    pub(super) fn name(&self) -> String {
        format!("replay-{}", self.now.as_millisecond())
    }

    fn first_placed(&self) -> Timestamp {
        let first = self
            .since
            .and_then(|since| since.checked_sub(LONGEST_LIFE).ok());
        first.unwrap_or(Timestamp::MIN)
    }

    /// All events of an aggregate that something happened to, or none; of these those of the type.
    fn select(&self, mut events: Vec<Envelope>) -> Vec<Envelope> {
        let is_new = |event: &Envelope| self.since.is_none_or(|since| event.time >= since);
        let is_wanted = |event: &Envelope| {
            self.event_type
                .is_none_or(|wanted| event.event_type == wanted.as_str())
        };
        if !events.iter().any(is_new) {
            events.clear();
        }
        events.retain(is_wanted);
        events
    }
}

/// What became of them.
#[derive(Debug, Default)]
pub(super) struct Tally {
    orders: usize,
    published: usize,
    failed: usize,
    /// Why the first one failed.
    first: Option<Cause>,
}

#[derive(Debug, Serialize)]
pub(super) struct Report {
    replay_id: String,
    orders: usize,
    published: usize,
    not_published: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (published, orders, id) = (self.published, self.orders, &self.replay_id);
        write!(
            f,
            "{published} events of {orders} orders published again ({id})"
        )
    }
}

impl Tally {
    pub(super) fn report(&self, replay_id: String) -> Report {
        Report {
            replay_id,
            orders: self.orders,
            published: self.published,
            not_published: self.failed,
        }
    }

    pub(super) fn into_ending(self) -> Result<Ending, Failure> {
        match self.first {
            None => Ok(Ending::Done),
            Some(first) => Err(Failure::NotPublished {
                count: self.failed,
                first,
            }),
        }
    }

    fn note(&mut self, outcomes: Vec<PublishOutcome>) {
        for outcome in outcomes {
            let cause = match outcome {
                PublishOutcome::Published => {
                    self.published += 1;
                    continue;
                }
                PublishOutcome::Failed(cause) | PublishOutcome::Refused(cause) => cause,
                PublishOutcome::TooLarge(bytes) => Cause(format!("an event of {bytes} bytes")),
                PublishOutcome::Held => Cause("held behind another event".to_owned()),
            };
            self.failed += 1;
            self.first.get_or_insert(cause);
        }
    }
}

/// How a replay goes.
#[derive(Debug)]
pub(super) struct Going<W> {
    pub(super) pace: Pace,
    /// How far it is, in orders.
    pub(super) progress: Progress<W>,
}

impl<O, L, P, S> Sources<O, L, P, S>
where
    O: ListOrdersByDay + Load<Order>,
    L: Load<Lease>,
    P: Load<Payment>,
    S: Load<Shipment>,
{
    /// Publishes the wanted events again, those of one aggregate in their order.
    pub(super) async fn replay(
        &self,
        topic: &impl PublishEvents,
        wanted: &Wanted,
        mut going: Going<impl Write>,
    ) -> Result<Tally, Failure> {
        let ids = match &wanted.aggregate {
            Some(only) => vec![only.id],
            None => {
                let placed = self
                    .orders
                    .placed_between(wanted.first_placed(), wanted.now);
                placed.await?
            }
        };
        going.progress.expect(ids.len() as u64);
        let (mut tally, mut done) = (Tally::default(), 0);
        for ids in ids.chunks(AT_ONCE) {
            let read = ids.iter().map(|id| self.events_of(*id, wanted));
            let events: Vec<_> = try_join_all(read).await?;
            tally.orders += events.iter().filter(|events| !events.is_empty()).count();
            let events = events.concat();
            going.pace.wait(events.len()).await;
            tally.note(publish(topic, &events).await?);
            done += ids.len() as u64;
            // Nobody reads it: the work goes on.
            drop(going.progress.note(done));
        }
        Ok(tally)
    }

    async fn events_of(&self, id: OrderId, wanted: &Wanted) -> Result<Vec<Envelope>, StoreError> {
        let subjects = Subject::KINDS.map(|kind| Subject { kind, id }).into_iter();
        let subjects = subjects.filter(|it| wanted.aggregate.is_none_or(|only| only == *it));
        let events = try_join_all(subjects.map(|subject| self.events(subject))).await?;
        let selected = events.into_iter().map(|events| wanted.select(events));
        Ok(selected.collect::<Vec<_>>().concat())
    }
}

/// Publishes, and tries again what may pass. Repeats of what was published are dropped by the
/// topic, because they have the same name.
async fn publish(
    topic: &impl PublishEvents,
    events: &[Envelope],
) -> Result<Vec<PublishOutcome>, PublishError> {
    let mut tries = 1;
    loop {
        match topic.publish(events).await {
            Ok(outcomes) if tries == TRIES || !outcomes.iter().any(is_passing) => {
                return Ok(outcomes);
            }
            Ok(_) => {}
            Err(PublishError::Unavailable(_)) if tries < TRIES => {}
            Err(error) => return Err(error),
        }
        tries += 1;
        sleep(PAUSE).await;
    }
}

fn is_passing(outcome: &PublishOutcome) -> bool {
    matches!(outcome, PublishOutcome::Failed(_))
}
