//! Small cases by hand, through the limiter, with rows in memory.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use futures::FutureExt;
use futures::future::join_all;

use super::*;

const NOW: u64 = 1_790_000_000_000;

/// Rows in memory, which count what they are asked.
#[derive(Default)]
struct Rows {
    rows: Mutex<HashMap<String, Row>>,
    looks: AtomicU32,
    writes: AtomicU32,
}

impl Rows {
    fn calls(&self) -> (u32, u32) {
        let count = |number: &AtomicU32| number.load(Ordering::Relaxed);
        (count(&self.looks), count(&self.writes))
    }
}

impl Counters for &Rows {
    async fn row(&self, key: &str) -> Result<Row, CounterError> {
        self.looks.fetch_add(1, Ordering::Relaxed);
        let rows = self.rows.lock().unwrap();
        Ok(rows.get(key).cloned().unwrap_or_default())
    }

    async fn change(&self, key: &str, update: &Update) -> Result<Row, Refused> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        let mut rows = self.rows.lock().unwrap();
        let row = rows.entry(key.to_owned()).or_default();
        match row.make(update) {
            true => Ok(row.clone()),
            false => Err(Refused::Row(row.clone())),
        }
    }
}

/// A process and its clock.
struct Process<'rows> {
    limiter: Limiter<&'rows Rows>,
    now: AtomicU64,
}

impl<'rows> Process<'rows> {
    fn new(rows: &'rows Rows) -> Self {
        Self {
            limiter: Limiter::new(rows),
            now: AtomicU64::new(NOW),
        }
    }

    fn later(&self, ms: u64) {
        self.now.fetch_add(ms, Ordering::Relaxed);
    }

    async fn pass(&self, limit: u32) -> Verdict {
        let clock = || Time(self.now.load(Ordering::Relaxed));
        let verdict = self.limiter.pass("alice", Limit::new(limit), clock).await;
        verdict.unwrap()
    }

    /// How many of so many pass.
    async fn pass_of(&self, limit: u32, asks: usize) -> usize {
        let all = join_all((0..asks).map(|_| self.pass(limit))).await;
        let passed = |it: &&Verdict| matches!(it, Verdict::Passed { .. });
        all.iter().filter(passed).count()
    }
}

/// Nothing here waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("nothing waits")
}

#[test]
fn exactly_the_limit_passes_through_one_process() {
    for limit in [1, 5, 99, 100, 1_000] {
        let rows = Rows::default();
        let process = Process::new(&rows);
        let passed = now(process.pass_of(limit, limit as usize + 50));
        assert_eq!(passed, limit as usize, "{limit}");
    }
}

/// F34.
#[test]
fn of_64_processes_that_ask_for_the_last_one_gets_it() {
    for limit in [5, 1_000] {
        let rows = Rows::default();
        let first = Process::new(&rows);
        assert_eq!(
            now(first.pass_of(limit, limit as usize - 1)),
            limit as usize - 1
        );
        let held: u32 = rows.rows.lock().unwrap()["alice"].held;
        let others: Vec<_> = (0..64).map(|_| Process::new(&rows)).collect();
        let passed: usize = others.iter().map(|it| now(it.pass_of(limit, 1))).sum();
        assert_eq!(passed, (limit - held) as usize);
        let rest = now(first.pass_of(limit, 64));
        assert_eq!(passed + rest, 1, "{held} of {limit} held");
    }
}

#[test]
fn what_is_in_hand_needs_no_call_and_neither_does_a_window_that_is_known_to_be_full() {
    let rows = Rows::default();
    let process = Process::new(&rows);
    now(process.pass(1_000));
    let after_first = rows.calls();
    assert_eq!(after_first, (0, 1));
    assert_eq!(now(process.pass_of(1_000, 9)), 9);
    assert_eq!(rows.calls(), after_first);
    now(process.pass_of(1_000, 2_000));
    let full = rows.calls();
    assert!(full.1 <= 50, "{full:?}");
    assert_eq!(now(process.pass_of(1_000, 10_000)), 0);
    assert_eq!(rows.calls(), full);
}

#[test]
fn what_passed_is_free_again_after_a_window() {
    for limit in [5, 1_000] {
        let rows = Rows::default();
        let process = Process::new(&rows);
        now(process.pass_of(limit, 2_000));
        let Verdict::Refused { until } = now(process.pass(limit)) else {
            panic!("the window is full");
        };
        assert!(until > Time(NOW), "{until:?}");
        process.later(WINDOW_MS - 1);
        assert_eq!(now(process.pass_of(limit, 1)), 0);
        process.later(2_500);
        assert_eq!(now(process.pass_of(limit, 2_000)), limit as usize);
    }
}

#[test]
fn a_small_limit_is_counted_one_by_one_wherever_it_is_spent() {
    let rows = Rows::default();
    let processes: Vec<_> = (0..10).map(|_| Process::new(&rows)).collect();
    let passed: usize = processes.iter().map(|it| now(it.pass_of(5, 1))).sum();
    assert_eq!(passed, 5);
    assert_eq!(rows.calls(), (0, 10));
    processes.iter().for_each(|it| it.later(WINDOW_MS + 2_500));
    let passed: usize = processes.iter().map(|it| now(it.pass_of(5, 1))).sum();
    assert_eq!(passed, 5);
}

#[test]
fn shares_shrink_to_one_where_little_is_left() {
    let rows = Rows::default();
    let limit = Limit::new(1_000);
    let mut taken = Vec::new();
    for _ in 0..200 {
        let process = Process::new(&rows);
        let before = rows
            .rows
            .lock()
            .unwrap()
            .get("alice")
            .map_or(0, |row| row.held);
        now(process.pass(limit.get()));
        taken.push(rows.rows.lock().unwrap()["alice"].held - before);
    }
    assert_eq!(taken[0], 10);
    let last = taken.iter().rposition(|it| *it > 0).unwrap();
    assert_eq!(taken[last], 1);
    assert_eq!(taken.iter().sum::<u32>(), 1_000);
}

#[test]
fn a_change_is_made_whole_or_not_at_all() {
    let at = |second| End(NOW / 1_000 + second);
    let held = Row {
        held: 7,
        ends: [(at(0), 3), (at(15), 4)].into(),
    };
    let change = Update {
        take: 2,
        end: at(30),
        moved: Some((at(15), 4)),
        forget: vec![(at(0), 3)],
        at_most: 7,
        now: Time(NOW),
    };
    let mut row = held.clone();
    assert!(row.make(&change));
    assert_eq!((row.held, row.ends.len()), (2, 2));
    for wrong in [
        Update {
            at_most: 6,
            ..change.clone()
        },
        Update {
            moved: Some((at(15), 5)),
            ..change.clone()
        },
        Update {
            moved: Some((at(45), 1)),
            ..change.clone()
        },
        Update {
            forget: vec![(at(0), 2)],
            ..change.clone()
        },
        Update {
            forget: vec![(at(1), 3)],
            ..change.clone()
        },
    ] {
        let mut row = held.clone();
        assert!(!row.make(&wrong), "{wrong:?}");
        assert_eq!(row, held);
    }
}

#[test]
fn who_is_forgotten_by_a_process_does_not_pass_twice_for_it() {
    let rows = Rows::default();
    let process = Process::new(&rows);
    let clock = || Time(NOW);
    let limit = Limit::new(100);
    for round in 0..200 {
        now(process.limiter.pass("alice", limit, clock)).unwrap();
        for other in 0..2_100 {
            let key = format!("{round}-{other}");
            now(process.limiter.pass(&key, limit, clock)).unwrap();
        }
    }
    let row = rows.rows.lock().unwrap()["alice"].clone();
    assert_eq!(row.held, 100);
    assert!(matches!(now(process.pass(100)), Verdict::Refused { .. }));
}

/// A process whose clock is behind spends at its last moment, one whose clock is ahead forgets at its
/// first: between the two there is a window still.
#[test]
fn what_a_slow_clock_spends_last_is_not_forgotten_by_a_fast_one() {
    let rows = Rows::default();
    let (slow, fast) = (Process::new(&rows), Process::new(&rows));
    assert_eq!(now(slow.pass_of(1_000, 1)), 1);
    let row = rows.rows.lock().unwrap()["alice"].clone();
    let (end, share) = row.ends.iter().next().unwrap();
    // By the true time, half of what clocks may differ after the end.
    slow.now.store(end.time().0 - 1, Ordering::Relaxed);
    let last = now(slow.pass_of(1_000, *share as usize));
    fast.now.store(end.time().0, Ordering::Relaxed);
    let all_of_the_rest = now(fast.pass_of(1_000, 2_000));
    assert_eq!(
        (last, all_of_the_rest),
        (*share as usize, 1_000 - *share as usize)
    );
    let spent_at = end.time().0 - 1 + SKEW_MS / 2;
    let window_ends = spent_at + WINDOW_MS;
    fast.now
        .store(window_ends - 1 + SKEW_MS / 2, Ordering::Relaxed);
    let row = rows.rows.lock().unwrap()["alice"].clone();
    let by_fast = Time(fast.now.load(Ordering::Relaxed));
    assert!(row.forgettable(by_fast).iter().all(|(over, _)| over != end));
    let later = Time(window_ends + SKEW_MS / 2 + 1);
    assert_eq!(row.forgettable(later), [(*end, *share)]);
}

#[test]
fn one_change_forgets_a_hundred_ends_and_the_largest_first() {
    let held = |number| (End(NOW / 1_000 + number), number as u32);
    let row = Row {
        ends: (1..=150).map(held).collect(),
        ..Row::default()
    };
    let over = row.forgettable(Time(NOW).plus(WINDOW_MS * 10));
    assert_eq!((over.len(), over[0], over[99]), (100, held(150), held(51)));
}
