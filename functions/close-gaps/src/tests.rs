//! Gaps of inboxes in memory, and what is published because of them.

use domain::ports::Cause;
use testkit::build::{a_shipment, an_order, at, order_id};
use testkit::fakes::{FakeOrders, FakeRealtime, FakeShipments, FakeTopic, Fault};
use testkit::log::{KeptLog, log_here};

use super::*;

#[derive(Default)]
struct World {
    orders: FakeOrders,
    shipments: FakeShipments,
    realtime: FakeRealtime,
    /// The queue of `notify`.
    queue: FakeTopic,
    /// The queue of `track-shipments`.
    other_queue: FakeTopic,
    log: KeptLog,
}

fn order() -> String {
    format!("order/{}", order_id(1))
}

/// Applied up to a sequence, and others held since 0.
fn waiting(applied: u32, held: &[u32]) -> Taken {
    let mut taken = Taken {
        applied: Sequence(applied),
        ..Taken::default()
    };
    for sequence in held {
        taken.hold(Sequence(*sequence), "as it came".to_owned(), at(0));
    }
    taken
}

impl World {
    /// `notify` waits for events of an order that has three.
    async fn waiting(applied: u32, held: &[u32]) -> Self {
        let world = Self {
            orders: FakeOrders::default().with(an_order().confirmed_late()),
            ..Self::default()
        };
        let taken = waiting(applied, held);
        world.realtime.save_taken(&order(), taken).await.unwrap();
        world
    }

    async fn run_at(&self, seconds: i64) -> Result<Asked, ErrorName> {
        let kept = tracing_subscriber::fmt()
            .json()
            .with_writer(self.log.clone());
        let guard = log_here(kept.finish());
        let (orders, shipments) = (&self.orders, &self.shipments);
        let queues = Queues {
            notify: self.queue.clone(),
            track_shipments: self.other_queue.clone(),
        };
        let run = handle(orders, shipments, &self.realtime, &queues, at(seconds)).await;
        drop(guard);
        run.map_err(|error| error.name())
    }

    /// Sequences of the order that `notify` was sent since the first so many.
    fn sent(&self, before: usize) -> Vec<String> {
        sequences(&self.queue, &order(), before)
    }

    async fn next_look(&self) -> Timestamp {
        let taken = self.realtime.taken(&order()).await.unwrap();
        taken.gap.unwrap().next_look
    }
}

fn sequences(queue: &FakeTopic, aggregate: &str, before: usize) -> Vec<String> {
    let sequence = |id: String| {
        id.strip_prefix(&format!("{aggregate}/"))
            .unwrap()
            .to_owned()
    };
    queue.ids().into_iter().skip(before).map(sequence).collect()
}

fn asked(asked: u32, overdue: u32) -> Result<Asked, ErrorName> {
    Ok(Asked {
        asked,
        overdue,
        failed: 0,
    })
}

#[tokio::test]
async fn what_is_missing_is_sent_again_after_a_minute() {
    let world = World::waiting(0, &[3]).await;
    assert_eq!(world.run_at(60).await, asked(0, 0));
    assert_eq!(world.run_at(61).await, asked(1, 0));
    assert_eq!(world.sent(0), ["1", "2"]);
    assert_eq!(world.next_look().await, at(600));
    assert_eq!(world.run_at(120).await, asked(0, 0));
    assert_eq!(world.queue.ids().len(), 2);
}

#[tokio::test]
async fn only_what_is_missing_is_sent_again() {
    let world = World::waiting(1, &[3]).await;
    assert_eq!(world.run_at(61).await, asked(1, 0));
    assert_eq!(world.sent(0), ["2"]);
}

/// It could not be applied when its turn came; whoever mended that need not send it by hand.
#[tokio::test]
async fn what_is_held_and_due_comes_again() {
    let world = World::waiting(1, &[2, 3]).await;
    assert_eq!(world.run_at(61).await, asked(1, 0));
    assert_eq!(world.sent(0), ["2"]);
}

#[tokio::test]
async fn the_gaps_of_every_consumer_are_looked_at() {
    let world = World {
        shipments: FakeShipments::default().with(a_shipment().delivered()),
        ..World::default()
    };
    let aggregate = format!("shipment/{}", order_id(1));
    let taken = waiting(0, &[3]);
    world.orders.save_taken(&aggregate, taken).await.unwrap();
    assert_eq!(world.run_at(61).await, asked(1, 0));
    assert_eq!(sequences(&world.other_queue, &aggregate, 0), ["1", "2"]);
    assert_eq!(world.sent(0), Vec::<String>::new());
}

#[tokio::test]
async fn a_person_is_called_when_a_gap_stays_open() {
    let world = World::waiting(0, &[3]).await;
    assert_eq!(world.run_at(61).await, asked(1, 0));
    assert!(!world.log.text().contains("\"gap\":true"));
    assert_eq!(world.run_at(601).await, asked(1, 1));
    let log = world.log.text();
    for part in [
        "\"gap\":true",
        "\"notify\"",
        &order(),
        "\"applied\":0",
        "\"held\":1",
    ] {
        assert!(log.contains(part), "{part}: {log}");
    }
    assert_eq!(world.sent(2), ["1", "2"]);
    assert_eq!(world.next_look().await, at(1_202));
}

#[tokio::test]
async fn what_a_queue_does_not_take_now_is_sent_by_the_next_run() {
    let world = World::waiting(0, &[3]).await;
    world.queue.set_down(true);
    assert_eq!(world.run_at(61).await, Err(ErrorName::Unavailable));
    world.queue.set_down(false);
    assert_eq!(world.run_at(62).await, asked(1, 0));
    assert_eq!(world.sent(0), ["1", "2"]);
}

#[tokio::test]
async fn an_event_that_is_not_taken_now_is_sent_by_the_next_run() {
    let throttled = PublishOutcome::Failed(Cause("throttled".to_owned()));
    let mut world = World::waiting(0, &[3]).await;
    world.queue = FakeTopic::default().with_trouble(&format!("{}/2", order()), throttled);
    for _ in 0..2 {
        assert_eq!(world.run_at(61).await, Err(ErrorName::Unavailable));
    }
    assert_eq!(world.sent(0), ["1", "1"]);
}

/// Nothing is gained by asking each minute.
#[tokio::test]
async fn an_event_that_can_never_be_sent_is_told_and_sent_rarely() {
    let mut world = World::waiting(1, &[3]).await;
    let trouble = PublishOutcome::TooLarge(300_000);
    world.queue = FakeTopic::default().with_trouble(&format!("{}/2", order()), trouble);
    assert_eq!(world.run_at(61).await, asked(1, 0));
    assert!(world.log.text().contains("cannot be sent"));
    assert_eq!(world.next_look().await, at(600));
}

/// It is told, and not each minute.
#[tokio::test]
async fn what_can_never_be_looked_at_is_put_off() {
    for unknown in [
        "order/7",
        "lease/7",
        "nothing",
        &format!("order/{}", order_id(9)),
    ] {
        let world = World::default();
        let taken = waiting(0, &[2]);
        world.realtime.save_taken(unknown, taken).await.unwrap();
        assert_eq!(world.run_at(61).await, Err(ErrorName::Unavailable));
        assert!(world.log.text().contains("no events of it are kept"));
        assert_eq!(world.run_at(62).await, asked(0, 0));
        assert_eq!(world.run_at(601).await, Err(ErrorName::Unavailable));
    }
}

/// A table of which nothing can be read.
struct Torn;

impl Load<Shipment> for Torn {
    async fn load(&self, _id: &OrderId) -> Result<Option<Shipment>, StoreError> {
        let cause = "the attributes do not fit".to_owned();
        Err(StoreError::Broken(Cause(cause)))
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_put_off_too() {
    let world = World::default();
    let parcel = format!("shipment/{}", order_id(1));
    let taken = waiting(0, &[2]);
    world.orders.save_taken(&parcel, taken).await.unwrap();
    let queues = Queues {
        notify: world.queue.clone(),
        track_shipments: world.other_queue.clone(),
    };
    let run = handle(&world.orders, &Torn, &world.realtime, &queues, at(61)).await;
    assert_eq!(run.unwrap_err().name(), ErrorName::Unavailable);
    let gap = world.orders.taken(&parcel).await.unwrap().gap.unwrap();
    assert_eq!(gap.next_look, at(600));
}

#[tokio::test]
async fn a_gap_that_cannot_be_looked_at_stops_no_other() {
    let throttled = PublishOutcome::Failed(Cause("throttled".to_owned()));
    let mut world = World::waiting(0, &[3]).await;
    world.queue = FakeTopic::default().with_trouble(&format!("{}/1", order()), throttled);
    let other = format!("shipment/{}", order_id(1));
    world.shipments = FakeShipments::default().with(a_shipment().delivered());
    let taken = waiting(0, &[3]);
    world.orders.save_taken(&other, taken).await.unwrap();
    assert_eq!(world.run_at(61).await, Err(ErrorName::Unavailable));
    assert_eq!(sequences(&world.other_queue, &other, 0), ["1", "2"]);
    let text = world.log.text();
    assert_eq!(text.matches("a gap was not looked at").count(), 1, "{text}");
}

#[tokio::test]
async fn an_order_that_cannot_be_read_now_is_looked_at_by_the_next_run() {
    let world = World::waiting(0, &[3]).await;
    world.orders.fail_next_read();
    assert_eq!(world.run_at(61).await, Err(ErrorName::Unavailable));
    assert_eq!(world.run_at(61).await, asked(1, 0));
    assert_eq!(world.sent(0), ["1", "2"]);
}

/// Its message is on its way, and may have closed the gap already.
#[tokio::test]
async fn a_gap_that_others_write_is_left_to_them() {
    let world = World::waiting(0, &[3]).await;
    world.realtime.fail_next_write(Fault::Conflict);
    assert_eq!(world.run_at(61).await, asked(0, 0));
    assert_eq!(
        (world.next_look().await, world.queue.ids().len()),
        (at(60), 0)
    );
}

/// Else the same would be sent each minute.
#[tokio::test]
async fn what_cannot_be_noted_is_not_sent() {
    let world = World::waiting(0, &[3]).await;
    world.realtime.fail_next_write(Fault::FailBefore);
    assert_eq!(world.run_at(61).await, Err(ErrorName::Unavailable));
    assert_eq!(
        (world.next_look().await, world.queue.ids().len()),
        (at(60), 0)
    );
}

/// An inbox of which nothing can be read, beside one that can.
#[derive(Clone, Default)]
struct TornInbox(FakeRealtime);

impl Inbox for TornInbox {
    async fn taken(&self, aggregate: &str) -> Result<Taken, StoreError> {
        match aggregate.ends_with("torn") {
            true => Err(StoreError::Broken(Cause("no version".to_owned()))),
            false => self.0.taken(aggregate).await,
        }
    }

    async fn save_taken(&self, aggregate: &str, taken: Taken) -> Result<Taken, SaveError<Taken>> {
        self.0.save_taken(aggregate, taken).await
    }
}

impl ListGaps for TornInbox {
    async fn gaps_due(&self, before: Timestamp, limit: u16) -> Result<Vec<String>, StoreError> {
        let due = self.0.gaps_due(before, limit).await?;
        Ok(["order/torn".to_owned()].into_iter().chain(due).collect())
    }
}

#[tokio::test]
async fn an_inbox_that_cannot_be_read_stops_no_other() {
    let world = World::waiting(0, &[3]).await;
    let inbox = TornInbox(world.realtime.clone());
    let queues = Queues {
        notify: world.queue.clone(),
        track_shipments: world.other_queue.clone(),
    };
    let run = handle(&world.orders, &world.shipments, &inbox, &queues, at(61)).await;
    assert_eq!(run.unwrap_err().name(), ErrorName::Unavailable);
    assert_eq!(world.sent(0), ["1", "2"]);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    let all = [
        "ORDERS_TABLE",
        "SHIPPING_TABLE",
        "REALTIME_TABLE",
        "NOTIFY_QUEUE_URL",
        "TRACK_SHIPMENTS_QUEUE_URL",
    ];
    assert_eq!(names, all);
}
