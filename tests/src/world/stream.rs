//! The streams of the tables and what reads them: `start-saga` and `publish-events`, behind the
//! real runner.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::{Aggregate, OrderId};
use dynamo_store::Stored;
use lambda_boot::{StreamFailure, stream};
use serde_json::{Value, json};
use testkit::fakes::FakeStore;
use testkit::must;

use super::kernel::{Pace, lock};
use super::ports::Far;
use super::shop::{Shop, Work, image};
use super::wire::{Answer, Wire};
use crate::asl::TaskError;

/// Most records of a batch.
const BATCH: usize = 10;
/// Pause after a failed batch.
const PAUSE: Duration = Duration::from_secs(1);

/// Which function reads which table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reader {
    /// `start-saga` the orders.
    StartSaga,
    /// `publish-events` the orders.
    PublishOrders,
    /// `publish-events` the leases.
    PublishLeases,
    /// `publish-events` the payments.
    PublishPayments,
    /// `publish-events` the shipments.
    PublishShipments,
}

const READERS: [Reader; 5] = [
    Reader::StartSaga,
    Reader::PublishOrders,
    Reader::PublishLeases,
    Reader::PublishPayments,
    Reader::PublishShipments,
];

/// How far each reader is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Streams(Arc<Mutex<BTreeMap<Reader, Place>>>);

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    next: usize,
    busy: bool,
}

impl Streams {
    /// Whether all was read.
    pub(crate) fn are_read(&self, shop: &Shop) -> bool {
        READERS.iter().all(|reader| {
            let place = lock(&self.0).get(reader).copied().unwrap_or_default();
            !place.busy && place.next >= shop.written(*reader)
        })
    }

    /// Wakes the readers that have something to read.
    pub(crate) fn wake(&self, shop: &Shop) {
        for reader in READERS {
            let mut places = lock(&self.0);
            let place = places.entry(reader).or_default();
            if !place.busy && place.next < shop.written(reader) {
                place.busy = true;
                let (next, streams, reading) = (place.next, self.clone(), shop.clone());
                shop.kernel.spawn(|pace| async move {
                    let next = reading.read(&pace, reader, next).await;
                    lock(&streams.0).insert(reader, Place { next, busy: false });
                });
            }
        }
    }
}

impl Shop {
    fn written(&self, reader: Reader) -> usize {
        match reader {
            Reader::StartSaga | Reader::PublishOrders => self.orders.writes(),
            Reader::PublishLeases => self.inventory.leases().writes(),
            Reader::PublishPayments => self.payments.writes(),
            Reader::PublishShipments => self.shipments.writes(),
        }
    }

    fn records(&self, reader: Reader, from: usize) -> Vec<Value> {
        match reader {
            Reader::StartSaga | Reader::PublishOrders => records(&self.orders, from),
            Reader::PublishLeases => records(self.inventory.leases(), from),
            Reader::PublishPayments => records(&self.payments, from),
            Reader::PublishShipments => records(&self.shipments, from),
        }
    }

    /// Reads one batch and says where to go on.
    async fn read(&self, pace: &Pace, reader: Reader, from: usize) -> usize {
        pace.sleep(self.kernel.between(50, 400)).await;
        let records = self.records(reader, from);
        let read = records.len();
        let event = json!({ "Records": records });
        let shop = self.clone();
        let state = match reader {
            Reader::StartSaga => "Start",
            _ => "Publish",
        };
        let work = move |wire| shop.reading(reader, event.clone(), wire);
        let subject = format!("{reader:?}");
        let next = match self.visit(pace, (state, &subject), work).await {
            Some(Ok(answer)) => first_failure(&answer).unwrap_or(from + read),
            Some(Err(_)) | None => from,
        };
        if next < from + read {
            pace.sleep(PAUSE).await;
        }
        next
    }

    fn reading(&self, reader: Reader, event: Value, wire: Wire) -> Work {
        let shop = self.clone();
        match reader {
            Reader::StartSaga => Box::pin(shop.start(event, wire)),
            _ => Box::pin(shop.publish(event, wire)),
        }
    }

    async fn start(self, event: Value, wire: Wire) -> Answer {
        let machines = Far { end: self, wire };
        let handle = |records| start_saga::handle(&machines, &machines, records);
        let answer = stream::answer(handle, event, StreamFailure::Items).await;
        answer.map_err(|error| TaskError::lambda(&error.error_type, ""))
    }

    async fn publish(self, event: Value, wire: Wire) -> Answer {
        let topic = self.topic(wire);
        let handle = |records| publish_events::handle(&topic, records);
        let answer = stream::answer(handle, event, StreamFailure::Items).await;
        answer.map_err(|error| TaskError::lambda(&error.error_type, ""))
    }
}

/// The sequence number of a record is its place in the history plus one.
fn first_failure(answer: &Value) -> Option<usize> {
    let failed = answer["batchItemFailures"][0]["itemIdentifier"].as_str()?;
    let number: usize = must(failed.parse());
    Some(number - 1)
}

fn records<A>(store: &FakeStore<A>, from: usize) -> Vec<Value>
where
    A: Stored + Aggregate<Id = OrderId>,
{
    let history = store.history();
    let batch = history.iter().enumerate().skip(from).take(BATCH);
    batch
        .map(|(at, new)| {
            let mut before = history.iter().take(at).rev();
            let old = before.find(|old| old.id() == new.id());
            json!({
                "eventName": if old.is_some() { "MODIFY" } else { "INSERT" },
                "dynamodb": {
                    "SequenceNumber": format!("{}", at + 1),
                    "Keys": { "pk": { "S": A::key(&new.id()).pk() } },
                    "NewImage": image(new),
                    "OldImage": old.map(image),
                },
            })
        })
        .collect()
}
