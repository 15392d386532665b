//! The replay itself. The tables are the durable copy of all events: what the streams lost, after
//! any outage, is published again from them.

use std::fmt;
use std::time::Duration;

use contracts::events::{
    Envelope, PublishError, PublishEvents, PublishOutcome, envelopes_of_lease, envelopes_of_order,
    envelopes_of_payment, envelopes_of_shipment,
};
use domain::ports::{Cause, ListOrdersByDay, Load, StoreError};
use domain::{Lease, Order, OrderId, Payment, Sequence, Shipment};
use futures::future::{try_join, try_join_all};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tokio::time::sleep;

use crate::failure::{Ending, Failure};

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
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    since: Timestamp,
    now: Timestamp,
}

impl Window {
    pub(super) const fn new(since: Timestamp, now: Timestamp) -> Self {
        Self { since, now }
    }

    /// A name for a replay that was given none.
    pub(super) fn name(self) -> String {
        format!("replay-{}", self.now.as_millisecond())
    }

    fn first_placed(self) -> Timestamp {
        let first = self.since.checked_sub(LONGEST_LIFE);
        first.unwrap_or(Timestamp::MIN)
    }

    /// All events of an aggregate that something happened to, or none.
    fn select(self, events: Vec<Envelope>) -> Vec<Envelope> {
        if events.iter().any(|event| event.time >= self.since) {
            events
        } else {
            Vec::new()
        }
    }
}

/// Where the events are.
#[derive(Debug)]
pub(super) struct Sources<O, L, P, S> {
    pub(super) orders: O,
    pub(super) leases: L,
    pub(super) payments: P,
    pub(super) shipments: S,
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

impl<O, L, P, S> Sources<O, L, P, S>
where
    O: ListOrdersByDay + Load<Order>,
    L: Load<Lease>,
    P: Load<Payment>,
    S: Load<Shipment>,
{
    /// Publishes the events of the window again, those of one aggregate in their order.
    pub(super) async fn replay(
        &self,
        topic: &impl PublishEvents,
        window: Window,
    ) -> Result<Tally, Failure> {
        let placed = self
            .orders
            .placed_between(window.first_placed(), window.now);
        let ids = placed.await?;
        let mut tally = Tally::default();
        for ids in ids.chunks(AT_ONCE) {
            let read = ids.iter().map(|id| self.events_of(*id, window));
            let events: Vec<_> = try_join_all(read).await?;
            tally.orders += events.iter().filter(|events| !events.is_empty()).count();
            tally.note(publish(topic, &events.concat()).await?);
        }
        Ok(tally)
    }

    async fn events_of(&self, id: OrderId, window: Window) -> Result<Vec<Envelope>, StoreError> {
        let (order, lease) = try_join(self.orders.load(&id), self.leases.load(&id)).await?;
        let (payment, shipment) =
            try_join(self.payments.load(&id), self.shipments.load(&id)).await?;
        let all = Sequence::NONE;
        let mut events = Vec::new();
        for of_aggregate in [
            order.map(|order| envelopes_of_order(&order, all)),
            lease.map(|lease| envelopes_of_lease(&lease, all)),
            payment.map(|payment| envelopes_of_payment(&payment, all)),
            shipment.map(|shipment| envelopes_of_shipment(&shipment, all)),
        ] {
            events.extend(window.select(of_aggregate.unwrap_or_default()));
        }
        Ok(events)
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
