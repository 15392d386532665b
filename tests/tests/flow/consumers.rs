//! One suite for every consumer: what comes twice, late, in any order or not at all, what cannot be
//! read, a batch of which a part fails, a consumer that dies between two writes, and what is sent
//! again after it was parked. Each consumer works on batches of a FIFO queue through the runner that
//! it has in production, over stores in memory.

mod accounts;
mod bus;
mod dashboard;
mod everything;
mod orders;
mod queue;
mod reports;
mod subscribers;

use contracts::events::Envelope;
use domain::ports::StoreError;
use jiff::{SignedDuration, Timestamp};
use lambda_boot::queue::BatchAnswer;
use serde_json::Value;
use testkit::build::at;
use testkit::fakes::Fault;

use self::queue::Fifo;

/// Aggregates whose events come at the same time.
const AGGREGATES: [u64; 3] = [1, 2, 3];
/// Disorders of each consumer.
const DISORDERS: u64 = 40;
/// More writes than anything does here.
const WRITES: usize = 40;

/// A consumer, and what it works on.
trait Consumer: Sized {
    /// Whether what comes too early is held. Elsewhere the newest event says everything, or each
    /// says what it says.
    const HOLDS: bool;

    /// Nothing was told yet.
    async fn fresh() -> Self;

    /// The events of an aggregate, oldest first.
    fn life(number: u64) -> Vec<Envelope>;

    /// Works on a batch; which messages go back.
    async fn work(&self, batch: Value, now: Timestamp) -> BatchAnswer;

    /// What there is to see of what it did because of an aggregate.
    async fn seen(&self, number: u64) -> Result<Vec<String>, StoreError>;

    /// Lets one of the next writes go wrong, after so many that do not.
    fn fail_write(&self, after: usize, fault: Fault);
}

/// All lives, the first events of each first.
fn lives<C: Consumer>() -> Vec<Envelope> {
    let longest = AGGREGATES.map(|number| C::life(number).len());
    let longest = longest.into_iter().max().unwrap();
    let nth = |place| AGGREGATES.map(|number| C::life(number).get(place).cloned());
    (0..longest).flat_map(nth).flatten().collect()
}

async fn all_seen<C: Consumer>(consumer: &C) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for number in AGGREGATES {
        all.push(consumer.seen(number).await.unwrap());
    }
    all
}

/// What there is to see when everything came once and in order.
async fn expected<C: Consumer>() -> Vec<Vec<String>> {
    let (consumer, mut queue) = (C::fresh().await, Fifo::default());
    lives::<C>().iter().for_each(|event| queue.send(event));
    queue.run(&consumer, start()).await;
    assert!(queue.dead().is_empty(), "nothing is wrong with them");
    let all = all_seen(&consumer).await;
    assert!(all.iter().all(|seen| !seen.is_empty()), "something is seen");
    all
}

/// Later than anything has to settle.
fn start() -> Timestamp {
    at(24 * 3_600)
}

fn later(now: Timestamp) -> Timestamp {
    now + SignedDuration::from_secs(10)
}

/// A shuffle by a seed (xorshift; Marsaglia, "Xorshift RNGs", 2003).
fn shuffled(mut events: Vec<Envelope>, seed: u64) -> Vec<Envelope> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for last in (1..events.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        events.swap(last, usize::try_from(state % (last as u64 + 1)).unwrap());
    }
    events
}

async fn what_comes_twice_is_done_once<C: Consumer>() {
    let (consumer, mut queue) = (C::fresh().await, Fifo::default());
    for _ in 0..2 {
        lives::<C>().iter().for_each(|event| queue.send(event));
    }
    queue.run(&consumer, start()).await;
    assert_eq!(all_seen(&consumer).await, expected::<C>().await);
}

async fn the_order_in_which_it_comes_does_not_show<C: Consumer>() {
    let expected = expected::<C>().await;
    for seed in 0..DISORDERS {
        let (consumer, mut queue) = (C::fresh().await, Fifo::default());
        let events = [lives::<C>(), lives::<C>()].concat();
        shuffled(events, seed)
            .iter()
            .for_each(|event| queue.send(event));
        queue.run(&consumer, start()).await;
        assert!(queue.dead().is_empty(), "seed {seed}");
        assert_eq!(all_seen(&consumer).await, expected, "seed {seed}");
    }
}

async fn what_is_missing_is_waited_for<C: Consumer>() {
    let expected = expected::<C>().await;
    for (place, missing) in C::life(1).into_iter().enumerate() {
        let (consumer, mut queue) = (C::fresh().await, Fifo::default());
        let others = lives::<C>()
            .into_iter()
            .filter(|event| event.id != missing.id);
        others.for_each(|event| queue.send(&event));
        queue.run(&consumer, start()).await;
        if C::HOLDS {
            let before = C::fresh().await;
            let mut until = Fifo::default();
            C::life(1)
                .iter()
                .take(place)
                .for_each(|event| until.send(event));
            until.run(&before, start()).await;
            let (seen, wanted) = (consumer.seen(1).await, before.seen(1).await);
            assert_eq!(seen.unwrap(), wanted.unwrap(), "without event {place}");
        }
        queue.send(&missing);
        queue.run(&consumer, later(start())).await;
        assert_eq!(all_seen(&consumer).await, expected, "event {place} late");
    }
}

/// It is parked, and sent again ten seconds later when it can be read.
async fn what_cannot_be_read_stops_nobody_else_and_is_done_when_it_can<C: Consumer>() {
    let expected = expected::<C>().await;
    for spoilt in C::life(1) {
        let (consumer, mut queue) = (C::fresh().await, Fifo::default());
        for event in lives::<C>() {
            match event.id == spoilt.id {
                true => queue.send_spoilt(&event),
                false => queue.send(&event),
            }
        }
        queue.run(&consumer, start()).await;
        // What is behind it goes with it where nobody holds it, and nothing else does.
        let dead = queue.dead();
        assert_eq!(dead.first(), Some(&spoilt.id));
        let own = C::life(1).into_iter().map(|event| event.id);
        let own: Vec<String> = own.collect();
        assert!(dead.iter().all(|id| own.contains(id)), "{dead:?}");
        let others = all_seen(&consumer).await;
        assert_eq!(others[1..], expected[1..], "the others are not concerned");
        queue.redrive();
        queue.run(&consumer, later(start())).await;
        assert_eq!(all_seen(&consumer).await, expected, "{}", spoilt.id);
    }
}

async fn of_a_batch_only_what_failed_goes_back<C: Consumer>() {
    let consumer = C::fresh().await;
    let mut queue = Fifo::default();
    let firsts = AGGREGATES.map(|number| C::life(number).remove(0));
    queue.send_spoilt(&firsts[0]);
    queue.send(&firsts[1]);
    queue.send(&firsts[2]);
    assert_eq!(queue.step(&consumer, start()).await, [firsts[0].id.clone()]);
}

/// Each write of a run dies once: before it happened, or without its answer.
async fn a_consumer_that_dies_between_two_writes_goes_on<C: Consumer>() {
    let expected = expected::<C>().await;
    for fault in [Fault::FailBefore, Fault::AppliedButError] {
        for after in 0..WRITES {
            let (consumer, mut queue) = (C::fresh().await, Fifo::default());
            consumer.fail_write(after, fault);
            lives::<C>().iter().for_each(|event| queue.send(event));
            queue.run(&consumer, start()).await;
            assert!(queue.dead().is_empty(), "{fault:?} after {after}");
            let seen = all_seen(&consumer).await;
            assert_eq!(seen, expected, "{fault:?} after {after}");
        }
    }
}

macro_rules! suite {
    ($($consumer:ident: $kind:ty),* $(,)?) => {
        $(mod $consumer {
            suite!(@each $kind,
                what_comes_twice_is_done_once,
                the_order_in_which_it_comes_does_not_show,
                what_is_missing_is_waited_for,
                what_cannot_be_read_stops_nobody_else_and_is_done_when_it_can,
                of_a_batch_only_what_failed_goes_back,
                a_consumer_that_dies_between_two_writes_goes_on,
            );
        })*
    };
    (@each $kind:ty, $($name:ident),* $(,)?) => {
        $(#[tokio::test]
        async fn $name() {
            super::$name::<$kind>().await;
        })*
    };
}

suite! {
    notify: super::orders::Notify,
    track_shipments: super::orders::TrackShipments,
    sync_profile: super::accounts::SyncProfile,
    erase_person: super::accounts::ErasePerson,
    index_search: super::everything::IndexSearch,
    write_audit: super::everything::WriteAudit,
    project_analytics: super::reports::ProjectAnalytics,
    project_dashboard: super::dashboard::ProjectDashboard,
    tell_subscribers: super::subscribers::TellSubscribers,
}
