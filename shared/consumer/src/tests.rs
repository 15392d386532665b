//! What happens to an event, by what the inbox knows.

use std::cell::{Cell, RefCell};

use contracts::events::envelopes_of_order;
use domain::ports::Cause;
use testkit::build::{an_order, at, order_id};
use testkit::fakes::{FakeRealtime, Fault};

use super::*;

mod disorder;

/// Placed, attention needed, completed.
fn events() -> [Envelope; 3] {
    let events = envelopes_of_order(&an_order().confirmed_late(), Sequence::NONE);
    events.try_into().unwrap()
}

fn aggregate() -> String {
    format!("order/{}", order_id(1))
}

/// A consumer, and what it applied.
#[derive(Default)]
struct World {
    inbox: FakeRealtime,
    applied: RefCell<Vec<u32>>,
    /// The event of this sequence cannot be applied.
    poison: Cell<Option<u32>>,
}

impl World {
    async fn take(&self, event: &Envelope) -> Result<(), ErrorName> {
        let apply = async |event: Envelope| {
            self.applied.borrow_mut().push(event.sequence);
            if self.poison.get() == Some(event.sequence) {
                return Err(StoreError::Unavailable(Cause("poison".to_owned())));
            }
            Ok(())
        };
        let taken = consume(&self.inbox, event.clone(), at(0), apply).await;
        taken.map_err(|error| error.name())
    }

    /// What was applied since it was last asked.
    fn applied(&self) -> Vec<u32> {
        self.applied.take()
    }

    async fn taken(&self) -> Taken {
        self.inbox.taken(&aggregate()).await.unwrap()
    }
}

#[tokio::test]
async fn the_next_event_is_applied_and_the_inbox_moves() {
    let world = World::default();
    for event in events() {
        assert_eq!(world.take(&event).await, Ok(()));
        assert_eq!(world.applied(), [event.sequence]);
        assert_eq!(world.taken().await.applied, Sequence(event.sequence));
    }
}

#[tokio::test]
async fn an_event_that_was_seen_is_acknowledged_without_applying() {
    let world = World::default();
    for expected in [&[1, 2, 3][..], &[]] {
        for event in events() {
            assert_eq!(world.take(&event).await, Ok(()));
        }
        assert_eq!(world.applied(), expected);
    }
}

#[tokio::test]
async fn an_event_after_a_gap_is_held_until_the_gap_is_closed() {
    let world = World::default();
    let [placed, flagged, completed] = events();
    for early in [&completed, &flagged, &completed] {
        assert_eq!(world.take(early).await, Ok(()));
    }
    let taken = world.taken().await;
    assert_eq!((world.applied(), taken.applied), (vec![], Sequence::NONE));
    assert_eq!(taken.gap.unwrap().since, at(0));
    assert_eq!(world.take(&placed).await, Ok(()));
    assert_eq!(world.applied(), [1, 2, 3]);
    let taken = world.taken().await;
    assert_eq!((taken.applied, taken.held.len()), (Sequence(3), 0));
    assert_eq!(taken.gap, None);
}

#[tokio::test]
async fn what_is_held_is_what_came() {
    let world = World::default();
    let [placed, flagged, _] = events();
    world.take(&flagged).await.unwrap();
    let seen = RefCell::new(Vec::new());
    let apply = async |event: Envelope| {
        seen.borrow_mut().push(event);
        Ok::<_, StoreError>(())
    };
    let taken = consume(&world.inbox, placed.clone(), at(0), apply).await;
    assert!(taken.is_ok(), "{taken:?}");
    assert_eq!(seen.into_inner(), [placed, flagged]);
}

/// Its later events wait in the inbox, not in the queue; whoever sends it again sets all of them free.
#[tokio::test]
async fn an_event_that_cannot_be_applied_holds_those_behind_it() {
    let world = World::default();
    let [placed, flagged, completed] = events();
    world.poison.set(Some(1));
    assert_eq!(world.take(&placed).await, Err(ErrorName::Unavailable));
    for later in [&flagged, &completed] {
        assert_eq!(world.take(later).await, Ok(()));
    }
    world.poison.set(None);
    assert_eq!(world.applied(), [1]);
    assert_eq!(world.take(&placed).await, Ok(()));
    assert_eq!(world.applied(), [1, 2, 3]);
}

/// Whatever was seen sets off those that were held and could not be applied in their turn.
#[tokio::test]
async fn what_was_held_and_could_not_be_applied_is_tried_again() {
    let world = World::default();
    let [placed, flagged, completed] = events();
    for early in [&flagged, &completed] {
        world.take(early).await.unwrap();
    }
    world.poison.set(Some(2));
    for _ in 0..2 {
        assert_eq!(world.take(&placed).await, Err(ErrorName::Unavailable));
    }
    assert_eq!(
        (world.applied(), world.taken().await.applied),
        (vec![1, 2, 2], Sequence(1))
    );
    world.poison.set(None);
    assert_eq!(world.take(&placed).await, Ok(()));
    assert_eq!(world.applied(), [2, 3]);
}

#[tokio::test]
async fn the_error_says_which_event_could_not_be_applied() {
    let inbox = FakeRealtime::default();
    let apply = |_| async { Err(StoreError::Unavailable(Cause("throttled".to_owned()))) };
    let [placed, ..] = events();
    let error = consume(&inbox, placed, at(0), apply).await.unwrap_err();
    assert_eq!(error.to_string(), "event 1 could not be applied");
    assert_eq!(error.name(), ErrorName::Unavailable);
}

#[tokio::test]
async fn an_event_that_another_overtook_meanwhile_goes_back() {
    let world = World::default();
    for event in &events()[..2] {
        world.inbox.fail_next_write(Fault::Conflict);
        assert_eq!(world.take(event).await, Err(ErrorName::Conflict));
    }
    assert_eq!(world.taken().await, Taken::default());
}

/// The effect happens again: it has to bear that.
#[tokio::test]
async fn an_inbox_that_did_not_move_has_the_event_applied_again() {
    let world = World::default();
    let [placed, ..] = events();
    world.inbox.fail_next_write(Fault::FailBefore);
    assert_eq!(world.take(&placed).await, Err(ErrorName::Unavailable));
    assert_eq!(world.take(&placed).await, Ok(()));
    assert_eq!(world.applied(), [1, 1]);
}

#[tokio::test]
async fn an_inbox_that_moved_without_saying_so_is_believed() {
    let world = World::default();
    let [placed, ..] = events();
    world.inbox.fail_next_write(Fault::AppliedButError);
    assert_eq!(world.take(&placed).await, Err(ErrorName::Unavailable));
    assert_eq!(world.take(&placed).await, Ok(()));
    assert_eq!(world.applied(), [1]);
}

#[tokio::test]
async fn aggregates_do_not_wait_for_each_other() {
    let world = World::default();
    let [_, flagged, _] = events();
    world.take(&flagged).await.unwrap();
    let other = envelopes_of_order(&an_order().number(2).pending(), Sequence::NONE);
    assert_eq!(world.take(&other[0]).await, Ok(()));
    assert_eq!(world.applied(), [1]);
}
