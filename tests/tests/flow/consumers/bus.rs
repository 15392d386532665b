//! Several consumers on one bus: each hears of what it subscribed to, and one that fails holds up no other.

use std::rc::Rc;

use contracts::events::Envelope;
use jiff::Timestamp;
use serde_json::json;
use testkit::bus::{EventBus, Handled, MemoryBus};

use super::orders::{Notify, TrackShipments};
use super::{Consumer, expected, lives, start};

/// Hands one event to a consumer, through its runner.
async fn take(consumer: Rc<impl Consumer>, event: Envelope, now: Timestamp) -> Handled {
    let record = json!({
        "messageId": event.id,
        "body": serde_json::to_string(&event)?,
        "attributes": { "MessageGroupId": event.group() },
    });
    let answer = consumer.work(json!({ "Records": [record] }), now).await;
    match answer.returned().next() {
        None => Ok(()),
        Some(_) => Err("it went back".into()),
    }
}

fn join<C: Consumer + 'static>(bus: &mut MemoryBus, name: &str, consumer: &Rc<C>) {
    let consumer = consumer.clone();
    bus.subscribe(name, move |event| take(consumer.clone(), event, start()));
}

#[tokio::test]
async fn consumers_hear_of_what_they_subscribed_to_and_none_holds_up_another() {
    let mut bus = MemoryBus::giving_up_after(10);
    let notify = Rc::new(Notify::fresh().await);
    let track_shipments = Rc::new(TrackShipments::fresh().await);
    join(&mut bus, "order", &notify);
    join(&mut bus, "shipment", &track_shipments);
    bus.subscribe("order", async |_| Err("a consumer that is broken".into()));
    let events = [lives::<Notify>(), lives::<TrackShipments>()].concat();
    for event in &events {
        bus.publish(event.aggregate_kind(), event).await;
    }
    bus.deliver().await;
    for (place, number) in super::AGGREGATES.into_iter().enumerate() {
        let told = notify.seen(number).await.unwrap();
        assert_eq!(told, expected::<Notify>().await[place]);
        let moved = track_shipments.seen(number).await.unwrap();
        assert_eq!(moved, expected::<TrackShipments>().await[place]);
    }
    // All of the broken one, and nothing of the others.
    assert_eq!(bus.dead_letters("order").len(), lives::<Notify>().len());
    assert!(bus.dead_letters("shipment").is_empty());
}
