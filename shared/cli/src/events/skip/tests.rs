//! What is sent in the place of an event, and what is refused.

use consumer::consume;
use contracts::events::{EventSkipped, EventType, envelopes_of_order, envelopes_of_shipment};
use domain::Taken;
use testkit::build::{a_shipment, an_order, at, order_id};
use testkit::fakes::{FakeRealtime, FakeTopic};

use super::*;

/// Placed, flagged and completed.
fn events() -> Vec<Envelope> {
    envelopes_of_order(&an_order().confirmed_late(), Sequence::NONE)
}

fn request(sequence: u32, consumer: Option<Consumer>) -> Request {
    Request {
        subject: format!("order/{}", order_id(1)).parse().unwrap(),
        sequence,
        consumer,
        by: CustomerId::parse("dora").unwrap(),
        reason: "no such address".to_owned(),
        now: at(900),
    }
}

/// An inbox that was brought so far, with a later event held.
async fn inbox(applied: u32) -> FakeRealtime {
    let inbox = FakeRealtime::default();
    let mut taken = Taken::default();
    for _ in 0..applied {
        taken.advance(at(0));
    }
    let last = events().pop().unwrap();
    taken.hold(Sequence(3), serde_json::to_string(&last).unwrap(), at(0));
    inbox.save_taken(&last.group(), taken).await.unwrap();
    inbox
}

#[tokio::test]
async fn a_consumer_gets_what_takes_the_place_and_the_audit_log_is_told_who_and_why() {
    let (topic, queue) = (FakeTopic::default(), FakeTopic::default());
    let skipping = request(2, Some(Consumer::Notify))
        .prepare(&events())
        .unwrap();
    let done = skipping.carry_out(&topic, &queue).await.unwrap();
    let id = order_id(1);
    assert_eq!(
        done.to_string(),
        format!("order/{id}/2 (cartwright.order.attention-needed.v1) is skipped by notify")
    );
    let [tombstone] = &queue.published()[..] else {
        panic!("{:?}", queue.ids());
    };
    assert_eq!(tombstone.event_type, EventType::OrderSkipped.as_str());
    let data: EventSkipped = tombstone.data().unwrap();
    assert_eq!(data.instead_of, EventType::OrderAttentionNeeded.as_str());
    let [note] = &topic.published()[..] else {
        panic!("{:?}", topic.ids());
    };
    let author = note.author.clone().unwrap();
    assert_eq!(
        (author.kind, author.subject.unwrap().as_str()),
        (AuthorKind::Operator, "dora")
    );
    let told: NoteTaken = note.data().unwrap();
    assert_eq!(told.object, format!("order/{id}"));
    assert_eq!(told.action, "event.skipped 2 by notify: no such address");
    assert_eq!(note.tenant, tombstone.tenant);
}

/// The relay left them where they are.
#[tokio::test]
async fn everybody_gets_what_came_after_it_too() {
    let topic = FakeTopic::default();
    let skipping = request(2, None).prepare(&events()).unwrap();
    let done = skipping.carry_out(&topic, &topic).await.unwrap();
    assert!(
        done.to_string()
            .ends_with("by all, 1 later ones published again"),
        "{done}"
    );
    let published = topic.published();
    let types: Vec<_> = published.iter().map(|it| it.event_type.as_str()).collect();
    assert_eq!(
        types,
        [
            EventType::NoteTaken.as_str(),
            EventType::OrderSkipped.as_str(),
            EventType::OrderCompleted.as_str()
        ]
    );
    assert_eq!(published[2], events()[2]);
}

/// Whatever the consumer does with events of other types, it does nothing, and what was held follows.
#[tokio::test]
async fn what_is_held_behind_it_is_applied() {
    let inbox = inbox(1).await;
    let (topic, queue) = (FakeTopic::default(), FakeTopic::default());
    let skip = request(2, Some(Consumer::Notify));
    skip.is_awaited(Consumer::Notify, &inbox).await.unwrap();
    let skipping = skip.prepare(&events()).unwrap();
    skipping.carry_out(&topic, &queue).await.unwrap();
    let applied = std::cell::RefCell::new(Vec::new());
    let apply = async |event: Envelope| {
        applied.borrow_mut().push(event.event_type);
        Ok::<_, StoreError>(())
    };
    for event in queue.published().into_iter().chain(events()) {
        consume(&inbox, event, at(901), apply).await.unwrap();
    }
    let completed = EventType::OrderCompleted.as_str();
    assert_eq!(
        applied.into_inner(),
        [EventType::OrderSkipped.as_str(), completed]
    );
}

#[tokio::test]
async fn only_what_the_consumer_waits_for_is_skipped() {
    let inbox = inbox(1).await;
    for sequence in [1, 3] {
        let skip = request(sequence, Some(Consumer::Notify));
        let refused = skip.is_awaited(Consumer::Notify, &inbox).await.unwrap_err();
        let words = format!("notify waits for event 2, not for {sequence}");
        assert_eq!(refused.to_string(), words);
    }
}

#[test]
fn only_what_has_happened_is_skipped() {
    let refused = request(4, None).prepare(&events()).unwrap_err();
    let words = format!("order/{} has no event 4; its last one is 3", order_id(1));
    assert_eq!(refused.to_string(), words);
    request(1, None).prepare(&[]).unwrap_err();
}

#[test]
fn only_consumers_of_its_kind_are_asked() {
    let asked = |kind: &str, consumer| {
        let subject = format!("{kind}/{}", order_id(1)).parse().unwrap();
        let asked = Request {
            subject,
            ..request(1, consumer)
        };
        asked.consumers()
    };
    assert_eq!(asked("order", None).unwrap(), [Consumer::Notify]);
    assert_eq!(asked("shipment", None).unwrap(), [Consumer::TrackShipments]);
    assert_eq!(asked("payment", None).unwrap(), []);
    let refused = asked("payment", Some(Consumer::Notify)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "notify takes in no events of a payment"
    );
}

#[tokio::test]
async fn nothing_is_skipped_that_the_audit_log_does_not_hear_of() {
    let (topic, queue) = (FakeTopic::default(), FakeTopic::default());
    topic.set_down(true);
    let skipping = request(2, Some(Consumer::Notify))
        .prepare(&events())
        .unwrap();
    skipping.carry_out(&topic, &queue).await.unwrap_err();
    assert_eq!(queue.ids(), Vec::<String>::new());
}

#[tokio::test]
async fn what_cannot_be_published_either_is_said() {
    let events = envelopes_of_shipment(&a_shipment().created(), Sequence::NONE);
    let subject = format!("shipment/{}", order_id(1)).parse().unwrap();
    let skip = Request {
        subject,
        ..request(1, None)
    };
    let large = PublishOutcome::TooLarge(300_000);
    let topic = FakeTopic::default().with_trouble(&events[0].id, large);
    let skipping = skip.prepare(&events).unwrap();
    let refused = skipping
        .carry_out(&FakeTopic::default(), &topic)
        .await
        .unwrap_err();
    assert_eq!(refused.to_string(), "event 1 was not published, or sent");
    let forecast = skip.prepare(&events).unwrap().forecast();
    assert!(
        forecast.to_string().contains("would be skipped by all"),
        "{forecast}"
    );
}
