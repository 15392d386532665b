//! Events of shipments against orders and the inbox in memory.

use contracts::events::envelopes_of_shipment;
use domain::{FailureCode, OrderState, Sequence, Shipment};
use lambda_boot::queue;
use serde_json::{Value, json};
use testkit::build::{a_shipment, an_order, at, order_id};
use testkit::fakes::{FakeOrders, Fault};
use testkit::log::{KeptLog, log_here};

use super::*;

struct World {
    orders: FakeOrders,
    log: KeptLog,
}

impl World {
    fn with(order: Order) -> Self {
        Self {
            orders: FakeOrders::default().with(order),
            log: KeptLog::default(),
        }
    }

    async fn take(&self, event: &Envelope) -> Result<(), ErrorName> {
        let kept = tracing_subscriber::fmt()
            .json()
            .with_writer(self.log.clone());
        let guard = log_here(kept.finish());
        let taken = handle(&self.orders, event.clone(), at(0)).await;
        drop(guard);
        taken.map_err(|error| error.name())
    }

    async fn take_all(&self, events: &[Envelope]) {
        for event in events {
            assert_eq!(self.take(event).await, Ok(()), "{}", event.id);
        }
    }

    fn order(&self) -> Order {
        self.orders.get(order_id(1)).unwrap()
    }

    fn status(&self) -> &'static str {
        self.order().state.name()
    }

    fn applied(&self) -> Sequence {
        self.orders.applied_of(&format!("shipment/{}", order_id(1)))
    }

    /// How often a person was called.
    fn calls(&self) -> usize {
        self.log.text().matches("\"needs_attention\":true").count()
    }
}

fn events_of(shipment: &Shipment) -> Vec<Envelope> {
    envelopes_of_shipment(shipment, Sequence::NONE)
}

/// Created, handed over, delivered.
fn life() -> [Envelope; 3] {
    events_of(&a_shipment().delivered()).try_into().unwrap()
}

#[tokio::test]
async fn an_order_is_shipped_and_delivered_when_the_carrier_says_so() {
    let world = World::with(an_order().confirmed());
    let [created, handed_over, delivered] = life();
    world.take_all(&[created, handed_over.clone()]).await;
    let OrderState::Shipped { at, tracking } = world.order().state else {
        panic!("{:?}", world.order().state);
    };
    assert_eq!((at, tracking.as_str()), (handed_over.time, "parcel-test"));
    world.take_all(std::slice::from_ref(&delivered)).await;
    let at = delivered.time;
    assert_eq!(world.order().state, OrderState::Delivered { at });
    assert_eq!(world.applied(), Sequence(3));
}

#[tokio::test]
async fn events_that_come_again_move_nothing() {
    let world = World::with(an_order().confirmed());
    world.take_all(&life()).await;
    let writes = world.orders.writes();
    world.take_all(&life()).await;
    assert_eq!(
        (world.status(), world.orders.writes()),
        ("delivered", writes)
    );
}

#[tokio::test]
async fn an_event_before_its_predecessor_waits_for_it() {
    let world = World::with(an_order().confirmed());
    let [created, handed_over, delivered] = life();
    world.take_all(&[delivered, handed_over]).await;
    assert_eq!(
        (world.status(), world.applied()),
        ("confirmed", Sequence::NONE)
    );
    world.take_all(&[created]).await;
    assert_eq!(world.status(), "delivered");
}

#[tokio::test]
async fn news_that_are_ahead_of_the_order_are_held_until_it_is_confirmed() {
    let epoch = domain::Epoch::FIRST;
    let [created, handed_over, delivered] = life();
    for early in [an_order().pending(), an_order().charging()] {
        let world = World::with(early.clone());
        world.take_all(std::slice::from_ref(&created)).await;
        for _ in 0..3 {
            assert_eq!(world.take(&handed_over).await, Err(ErrorName::Conflict));
        }
        assert_eq!(
            (world.status(), world.applied()),
            (early.state.name(), Sequence(1))
        );
        let mut order = world.order();
        for command in [
            OrderCommand::DecideCharging { epoch },
            OrderCommand::Complete { epoch },
        ] {
            order.execute(&command, handed_over.time).unwrap();
        }
        world.orders.save(order).await.unwrap();
        world
            .take_all(&[handed_over.clone(), delivered.clone()])
            .await;
        assert_eq!((world.status(), world.calls()), ("delivered", 0));
    }
}

#[tokio::test]
async fn a_parcel_of_an_order_that_failed_calls_a_person_and_blocks_nothing() {
    for order in [
        an_order().failed(FailureCode::PaymentDeclined),
        an_order().failed(FailureCode::CancelledByCustomer),
    ] {
        let world = World::with(order.clone());
        world.take_all(&life()).await;
        assert_eq!(world.order().state, order.state);
        assert_eq!((world.applied(), world.calls()), (Sequence(3), 2));
    }
}

#[tokio::test]
async fn an_order_that_nobody_knows_is_not_taken_for_moved() {
    let world = World::with(an_order().with_id(order_id(2)).confirmed());
    let [created, handed_over, _] = life();
    world.take_all(&[created]).await;
    assert_eq!(world.take(&handed_over).await, Err(ErrorName::OrderMissing));
    assert_eq!(world.applied(), Sequence(1));
}

#[tokio::test]
async fn a_store_that_fails_is_tried_again() {
    for fault in [Fault::FailBefore, Fault::AppliedButError] {
        let world = World::with(an_order().confirmed());
        let [created, handed_over, _] = life();
        world.take_all(&[created]).await;
        world.orders.fail_next_write(fault);
        assert_eq!(world.take(&handed_over).await, Err(ErrorName::Unavailable));
        world.take_all(&[handed_over]).await;
        assert_eq!((world.status(), world.applied()), ("shipped", Sequence(2)));
    }
}

#[tokio::test]
async fn an_event_that_is_not_what_its_type_says_goes_back() {
    let world = World::with(an_order().confirmed());
    let [created, mut handed_over, _] = life();
    world.take_all(&[created]).await;
    for data in [
        json!({}),
        json!({"order_id": "x", "carrier": "c", "tracking_number": ""}),
    ] {
        handed_over.data = data;
        assert_eq!(world.take(&handed_over).await, Err(ErrorName::BadInput));
    }
}

#[tokio::test]
async fn other_events_of_a_shipment_only_move_the_inbox() {
    let world = World::with(an_order().failed(FailureCode::PaymentDeclined));
    world.take_all(&events_of(&a_shipment().cancelled())).await;
    assert_eq!((world.applied(), world.calls()), (Sequence(2), 0));
}

/// A batch as SQS hands it to the function.
#[tokio::test]
async fn answers_the_queue_through_the_runner() {
    let record = |event: &Envelope| {
        json!({
            "messageId": event.id,
            "receiptHandle": event.id,
            "body": serde_json::to_string(event).unwrap(),
            "attributes": {"MessageGroupId": event.group()},
            "messageAttributes": {},
            "md5OfBody": "",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:track-shipments.fifo",
            "awsRegion": "us-east-1",
        })
    };
    let early = envelopes_of_shipment(&a_shipment().of(order_id(2)).delivered(), Sequence::NONE);
    let all = life();
    let records: Vec<Value> = early.iter().skip(1).chain(&all).map(record).collect();
    let world = World::with(an_order().confirmed());
    let handler = async |event| handle(&world.orders, event, at(0)).await;
    let answer = queue::answer_of_inbox(|_| true, handler, json!({"Records": records}))
        .await
        .unwrap();
    assert_eq!(
        answer.returned().count(),
        0,
        "those that are early are held"
    );
    assert_eq!(
        world.status(),
        "delivered",
        "one parcel does not hold up another"
    );
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    assert_eq!(names, ["ORDERS_TABLE"]);
}
