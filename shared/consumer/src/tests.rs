//! What happens to an event, by what the inbox knows.

use std::cell::Cell;

use contracts::events::envelopes_of_order;
use domain::ports::Cause;
use testkit::build::{an_order, order_id};
use testkit::fakes::{FakeRealtime, Fault};

use super::*;

/// Placed, attention needed, completed.
fn events() -> Vec<Envelope> {
    envelopes_of_order(&an_order().confirmed_late(), Sequence::NONE)
}

fn applied(inbox: &FakeRealtime) -> Sequence {
    inbox.applied_of(&format!("order/{}", order_id(1)))
}

/// Takes the event in; how often it was applied, and the error's name.
async fn take(
    inbox: &FakeRealtime,
    event: &Envelope,
    effect: Result<(), StoreError>,
) -> (u32, Result<(), ErrorName>) {
    let times = Cell::new(0);
    let apply = || {
        times.set(times.get() + 1);
        let effect = effect.clone();
        async { effect }
    };
    let taken = consume(inbox, event, apply).await;
    (times.get(), taken.map_err(|error| error.name()))
}

#[tokio::test]
async fn the_next_event_is_applied_and_the_inbox_moves() {
    let inbox = FakeRealtime::default();
    for event in events() {
        assert_eq!(take(&inbox, &event, Ok(())).await, (1, Ok(())));
        assert_eq!(applied(&inbox), Sequence(event.sequence));
    }
}

#[tokio::test]
async fn an_event_that_was_seen_is_acknowledged_without_applying() {
    let inbox = FakeRealtime::default();
    for expected in [1, 0] {
        for event in events() {
            let taken = take(&inbox, &event, Ok(())).await;
            assert_eq!(taken, (expected, Ok(())));
        }
    }
    assert_eq!(applied(&inbox), Sequence(3));
}

#[tokio::test]
async fn an_event_after_a_gap_goes_back_until_the_gap_is_closed() {
    let inbox = FakeRealtime::default();
    let [placed, flagged, completed] = &events()[..] else {
        panic!("not three events");
    };
    let back = (0, Err(ErrorName::Conflict));
    for early in [flagged, completed] {
        assert_eq!(take(&inbox, early, Ok(())).await, back);
    }
    assert_eq!(applied(&inbox), Sequence::NONE);
    for event in [placed, flagged, completed] {
        assert_eq!(take(&inbox, event, Ok(())).await, (1, Ok(())));
    }
}

#[tokio::test]
async fn a_gap_says_what_came_and_what_was_applied() {
    let inbox = FakeRealtime::default();
    let apply = || async { Ok::<_, StoreError>(()) };
    let early = consume(&inbox, &events()[2], apply).await.unwrap_err();
    assert_eq!(early.to_string(), "event 3 came after 0");
}

#[tokio::test]
async fn what_could_not_be_applied_leaves_the_inbox_where_it_was() {
    let inbox = FakeRealtime::default();
    let event = &events()[0];
    let down = StoreError::Unavailable(Cause("throttled".to_owned()));
    let back = (1, Err(ErrorName::Unavailable));
    assert_eq!(take(&inbox, event, Err(down)).await, back);
    assert_eq!(applied(&inbox), Sequence::NONE);
    assert_eq!(take(&inbox, event, Ok(())).await, (1, Ok(())));
}

#[tokio::test]
async fn a_copy_that_is_applied_at_the_same_time_goes_back() {
    let inbox = FakeRealtime::default();
    inbox.fail_next_write(Fault::Conflict);
    let event = &events()[0];
    let back = (1, Err(ErrorName::Conflict));
    assert_eq!(take(&inbox, event, Ok(())).await, back);
}

/// The effect happens again: it has to bear that.
#[tokio::test]
async fn an_inbox_that_did_not_move_has_the_event_applied_again() {
    let inbox = FakeRealtime::default();
    let event = &events()[0];
    inbox.fail_next_write(Fault::FailBefore);
    let back = (1, Err(ErrorName::Unavailable));
    assert_eq!(take(&inbox, event, Ok(())).await, back);
    assert_eq!(take(&inbox, event, Ok(())).await, (1, Ok(())));
}

#[tokio::test]
async fn an_inbox_that_moved_without_saying_so_is_believed() {
    let inbox = FakeRealtime::default();
    let event = &events()[0];
    inbox.fail_next_write(Fault::AppliedButError);
    assert_eq!(take(&inbox, event, Ok(())).await.0, 1);
    assert_eq!(take(&inbox, event, Ok(())).await, (0, Ok(())));
}

#[tokio::test]
async fn aggregates_do_not_wait_for_each_other() {
    let inbox = FakeRealtime::default();
    assert_eq!(take(&inbox, &events()[0], Ok(())).await, (1, Ok(())));
    let other = envelopes_of_order(&an_order().number(2).pending(), Sequence::NONE);
    assert_eq!(take(&inbox, &other[0], Ok(())).await, (1, Ok(())));
}
