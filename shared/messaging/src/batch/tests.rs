//! How events are dealt out to calls.

use contracts::events::{Envelope, EventType, MAX_EVENT_BYTES, PublishOutcome};
use domain::ports::Cause;
use domain::{Author, AuthorKind, Origin};
use jiff::Timestamp;
use serde_json::json;

use super::{MAX_ENTRIES, Message, hold_back, next_call};

pub(crate) fn event(subject: &str, sequence: u32) -> Envelope {
    let event_type = EventType::OrderPlaced.as_str().to_owned();
    Envelope {
        specversion: "1.0".to_owned(),
        id: format!("order/{subject}/{sequence}"),
        source: "/cartwright".to_owned(),
        event_type,
        subject: subject.to_owned(),
        time: Timestamp::UNIX_EPOCH,
        datacontenttype: "application/json".to_owned(),
        sequence,
        tenant: None,
        traceparent: None,
        data: json!({}),
        author: None,
    }
}

pub(crate) fn event_of_size(subject: &str, sequence: u32, bytes: usize) -> Envelope {
    let mut event = event(subject, sequence);
    event.data = json!("x".repeat(bytes));
    event
}

fn messages(events: &[Envelope]) -> Vec<Message> {
    events
        .iter()
        .map(|event| Message::new(event, None))
        .collect()
}

/// All calls, as if everything were published.
fn calls(mut messages: Vec<Message>) -> Vec<Vec<usize>> {
    let mut calls = Vec::new();
    loop {
        let call = next_call(&messages);
        if call.is_empty() {
            return calls;
        }
        for place in &call {
            messages[*place].outcome = Some(PublishOutcome::Published);
        }
        calls.push(call);
    }
}

/// It is for the audit log: beside the event, not in it.
#[test]
fn who_made_a_change_is_an_attribute_and_of_what_is_told_again_nobody_knows() {
    let from = Origin {
        address: Some("192.0.2.77".to_owned()),
        request: None,
    };
    let mut asked = event("a", 1);
    asked.author = Some(Author::unnamed(AuthorKind::Provider, from));
    let message = Message::new(&asked, None);
    assert!(message.author.unwrap().contains("192.0.2.77"));
    assert!(!message.body.contains("192.0.2.77"));
    assert_eq!(Message::new(&event("a", 1), None).author, None);
    let again = Message::new(&event("a", 1), Some("r-1")).author.unwrap();
    assert!(again.contains("anybody"), "{again}");
}

#[test]
fn sends_one_event_per_aggregate_in_a_call_and_in_order() {
    let events = [event("a", 1), event("a", 2), event("b", 1), event("a", 3)];
    assert_eq!(
        calls(messages(&events)),
        [vec![0, 2], vec![1], vec![3]] as [Vec<usize>; 3]
    );
}

#[test]
fn sends_at_most_ten_events_in_a_call() {
    let events: Vec<_> = (0..25).map(|order| event(&order.to_string(), 1)).collect();
    let lengths: Vec<_> = calls(messages(&events)).iter().map(Vec::len).collect();
    assert_eq!(lengths, [MAX_ENTRIES, MAX_ENTRIES, 5]);
}

#[test]
fn keeps_a_call_below_the_size_that_the_topic_takes() {
    let big = MAX_EVENT_BYTES / 3;
    let events: Vec<_> = (0..5)
        .map(|order| event_of_size(&order.to_string(), 1, big))
        .collect();
    let messages = messages(&events);
    for call in calls(messages.clone()) {
        let bytes: usize = call.iter().map(|place| messages[*place].size()).sum();
        assert!(bytes <= MAX_EVENT_BYTES, "{bytes}");
    }
    assert_eq!(calls(messages).concat(), [0, 1, 2, 3, 4]);
}

#[test]
fn sends_an_event_of_exactly_the_largest_size_and_no_larger_one() {
    let frame = Message::new(&event_of_size("a", 1, 0), None).size();
    let largest = event_of_size("a", 1, MAX_EVENT_BYTES - frame);
    let larger = event_of_size("b", 1, MAX_EVENT_BYTES - frame + 1);
    let messages = messages(&[largest, larger]);
    assert_eq!(messages[0].outcome, None);
    assert_eq!(
        messages[1].outcome,
        Some(PublishOutcome::TooLarge(MAX_EVENT_BYTES + 1))
    );
    assert_eq!(next_call(&messages), [0]);
}

#[test]
fn holds_back_what_follows_an_event_that_was_not_published() {
    let cause = || Cause("no".to_owned());
    for stop in [
        PublishOutcome::Failed(cause()),
        PublishOutcome::Refused(cause()),
        PublishOutcome::TooLarge(1),
    ] {
        let mut messages = messages(&[event("a", 1), event("b", 1), event("a", 2)]);
        messages[0].outcome = Some(stop.clone());
        hold_back(&mut messages);
        let outcomes: Vec<_> = messages
            .into_iter()
            .map(|message| message.outcome)
            .collect();
        assert_eq!(outcomes, [Some(stop), None, Some(PublishOutcome::Held)]);
    }
}

#[test]
fn keeps_ids_that_the_topic_takes_and_hashes_others() {
    let plain = Message::new(&event("a", 1), None);
    assert_eq!(
        (plain.group.as_str(), plain.dedupe.as_str()),
        ("order/a", "order/a/1")
    );
    for subject in ["with space", "ümlaut", &"x".repeat(200)] {
        let hashed = Message::new(&event(subject, 1), None);
        for id in [&hashed.group, &hashed.dedupe] {
            assert_eq!(id.len(), 64, "{id}");
            assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()));
        }
        let next = Message::new(&event(subject, 2), None);
        assert_eq!(next.group, hashed.group);
        assert_ne!(next.dedupe, hashed.dedupe);
    }
}

#[test]
fn a_replay_changes_the_deduplication_id_and_who_it_was_and_nothing_else() {
    let (first, again) = (
        Message::new(&event("a", 1), None),
        Message::new(&event("a", 1), Some("r1")),
    );
    assert_eq!(again.dedupe, "order/a/1+r1");
    let same = Message {
        dedupe: first.dedupe.clone(),
        author: None,
        ..again
    };
    assert_eq!(same, first);
}
