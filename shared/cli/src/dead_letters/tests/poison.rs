//! One aggregate among a thousand whose event cannot be applied: the others are delivered, and it is
//! once it is mended (F18).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use consumer::consume;
use contracts::events::Envelope;
use domain::ports::{Cause, Inbox, ReceiveMessages, SendMessages, StoreError};
use jiff::SignedDuration;
use testkit::FakeClock;
use testkit::fakes::{FakeQueue, FakeRealtime, Fault};

use super::{World, events, ids_of, letter};
use crate::failure::Ending;

/// How many orders there are, and which one is poisoned.
const ORDERS: u64 = 1_000;
const POISONED: u64 = 57;
/// How often a message is tried, and how long it is away in between.
const TRIES: u32 = 10;
const AWAY: Duration = Duration::from_secs(180);

/// A consumer with its inbox, behind a queue with dead letters.
struct Shop {
    world: World,
    inbox: FakeRealtime,
    poison: RefCell<BTreeSet<String>>,
    applied: RefCell<BTreeMap<String, Vec<u32>>>,
}

impl Shop {
    fn new() -> Self {
        let clock = FakeClock::default();
        let dead = FakeQueue::at(&clock);
        Self {
            world: World {
                source: FakeQueue::at(&clock).giving_up_after(TRIES, &dead),
                dead,
                clock,
            },
            inbox: FakeRealtime::default(),
            poison: RefCell::default(),
            applied: RefCell::default(),
        }
    }

    async fn apply(&self, event: Envelope) -> Result<(), StoreError> {
        if self.poison.borrow().contains(&event.id) {
            return Err(StoreError::Broken(Cause("poison".to_owned())));
        }
        let mut applied = self.applied.borrow_mut();
        applied
            .entry(event.group())
            .or_default()
            .push(event.sequence);
        Ok(())
    }

    /// Until nothing is left in the queue.
    async fn run(&self) {
        let World { source, clock, .. } = &self.world;
        while !source.letters().is_empty() {
            let messages = source.receive(AWAY).await.unwrap();
            for message in &messages {
                let event = Envelope::parse(&message.letter.body).unwrap();
                let now = clock.now();
                let taken = consume(&self.inbox, event, now, |event| self.apply(event)).await;
                if taken.is_ok() {
                    source.delete(message).await.unwrap();
                }
            }
            if messages.is_empty() {
                clock.advance(SignedDuration::from_secs(181));
            }
        }
    }

    fn applied_of(&self, number: u64) -> Vec<u32> {
        let applied = self.applied.borrow();
        applied
            .get(&events(number)[0].group())
            .cloned()
            .unwrap_or_default()
    }
}

/// Everything is sent, its second event cannot be applied, and was given up.
async fn poisoned() -> Shop {
    let shop = Shop::new();
    let bad = &events(POISONED)[1];
    shop.poison.borrow_mut().insert(bad.id.clone());
    for place in 0..3 {
        for number in 0..ORDERS {
            shop.world
                .source
                .send(&letter(&events(number)[place]))
                .await
                .unwrap();
        }
    }
    shop.run().await;
    let others = (0..ORDERS).filter(|number| *number != POISONED);
    for number in others {
        assert_eq!(shop.applied_of(number), [1, 2, 3], "{number}");
    }
    assert_eq!(shop.applied_of(POISONED), [1]);
    assert_eq!(
        super::ids(&shop.world.dead),
        ids_of(&events(POISONED)[1..2])
    );
    let held = shop.inbox.taken(&bad.group()).await.unwrap().held;
    assert_eq!(held.len(), 1);
    shop
}

#[tokio::test]
async fn f18_a_poisoned_aggregate_waits_alone_and_goes_on_in_order_when_it_is_mended() {
    let shop = poisoned().await;
    // Nothing is mended by sending it again.
    shop.world.replay("", "early").await;
    shop.run().await;
    assert_eq!(shop.applied_of(POISONED), [1]);
    assert_eq!(shop.world.dead.letters().len(), 1);
    shop.poison.borrow_mut().clear();
    let tally = shop.world.replay("", "mended").await;
    assert_eq!(tally.into_ending().unwrap(), Ending::Done);
    shop.run().await;
    assert_eq!(shop.applied_of(POISONED), [1, 2, 3]);
    assert!(shop.world.dead.letters().is_empty());
}

/// The command is killed between sending and removing: the consumer hears it twice, and knows it.
#[tokio::test]
async fn what_is_sent_back_twice_is_applied_once() {
    let shop = poisoned().await;
    shop.poison.borrow_mut().clear();
    shop.world.dead.fail_next_delete(Fault::FailBefore);
    shop.world
        .replay("", "killed")
        .await
        .into_ending()
        .unwrap_err();
    let tally = shop.world.replay("", "again").await;
    assert_eq!(tally.into_ending().unwrap(), Ending::Done);
    assert_eq!(shop.world.source.letters().len(), 2);
    shop.run().await;
    assert_eq!(shop.applied_of(POISONED), [1, 2, 3]);
}
