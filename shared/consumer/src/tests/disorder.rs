//! Random disorder: events come in any order, again, and while writes and effects fail, in all the
//! ways that a queue and a table have. In the end each was applied, none before its turn.

use proptest::prelude::*;
use proptest::sample::Index;
use testkit::build::an_order;

use super::*;

/// Most events of one life.
const MOST: u32 = 8;

/// One delivery.
#[derive(Clone, Debug)]
struct Step {
    /// Which of those that are in the queue.
    which: Index,
    mishap: Option<Mishap>,
    /// It stays in the queue, although it was taken.
    again: bool,
}

#[derive(Clone, Copy, Debug)]
enum Mishap {
    Write(Fault),
    /// The event of this sequence cannot be applied.
    Poison(u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let mishap = prop_oneof![
        prop_oneof![
            Just(Fault::FailBefore),
            Just(Fault::AppliedButError),
            Just(Fault::Conflict)
        ]
        .prop_map(Mishap::Write),
        (1..=MOST).prop_map(Mishap::Poison),
    ];
    let mishap = prop::option::weighted(0.4, mishap);
    let step = (any::<Index>(), mishap, prop::bool::weighted(0.2));
    let step = step.prop_map(|(which, mishap, again)| Step {
        which,
        mishap,
        again,
    });
    prop::collection::vec(step, 0..40)
}

/// One life of so many events.
fn life(last: u32) -> Vec<Envelope> {
    let placed = envelopes_of_order(&an_order().pending(), Sequence::NONE);
    let number = |sequence| Envelope {
        sequence,
        ..placed[0].clone()
    };
    (1..=last).map(number).collect()
}

/// Delivers what the queue has until it has nothing: disorderly at first, then the newest first.
async fn deliver_all(world: &World, mut queue: Vec<Envelope>, steps: &[Step]) {
    for step in steps {
        if queue.is_empty() {
            return;
        }
        match step.mishap {
            Some(Mishap::Write(fault)) => world.inbox.fail_next_write(fault),
            Some(Mishap::Poison(sequence)) => world.poison.set(Some(sequence)),
            None => {}
        }
        let place = step.which.index(queue.len());
        let taken = world.take(&queue[place]).await;
        world.poison.set(None);
        if taken.is_ok() && !step.again {
            queue.remove(place);
        }
    }
    while let Some(event) = queue.pop() {
        if world.take(&event).await.is_err() {
            queue.push(event);
        }
    }
}

fn no_event_is_lost_or_overtaken(last: u32, steps: &[Step]) {
    let world = World::default();
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let taken = runtime.unwrap().block_on(async {
        deliver_all(&world, life(last), steps).await;
        world.taken().await
    });
    assert_eq!(taken.applied, Sequence(last));
    assert_eq!((taken.held.len(), taken.gap), (0, None));
    // An effect may come again, but never after a later one, and none is left out.
    let applied = world.applied();
    let mut turns = applied.clone();
    turns.dedup();
    assert_eq!(turns, (1..=last).collect::<Vec<_>>(), "{applied:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn i5_in_any_disorder_every_event_is_applied_in_its_turn(last in 1..=MOST, steps in steps()) {
        no_event_is_lost_or_overtaken(last, &steps);
    }
}
