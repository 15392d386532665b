//! A thousand new processes and a third party that dies: how often it is called, and that all comes
//! right by itself.

use std::cell::Cell;
use std::time::Duration;

use futures::future::join_all;
use proptest::prelude::*;
use testkit::invariants::{Calls, World};

use crate::tests::Shelf;
use crate::virtual_time::Virtual;
use crate::{Guard, Health, Refused, Terms, Time};

#[derive(Debug, thiserror::Error)]
#[error("dead")]
struct Dead;

/// A third party that is dead between two times, and how often it was asked while it was.
struct Party {
    time: Virtual,
    dead: (Duration, Duration),
    /// How long a caller waits for nothing.
    hangs: Duration,
    asked: Cell<u32>,
    at_once: Cell<u32>,
    most_at_once: Cell<u32>,
}

impl Party {
    fn new(dead: (u64, u64), hangs: u64) -> Self {
        Self {
            time: Virtual::default(),
            dead: (Duration::from_secs(dead.0), Duration::from_secs(dead.1)),
            hangs: Duration::from_millis(hangs),
            asked: Cell::new(0),
            at_once: Cell::new(0),
            most_at_once: Cell::new(0),
        }
    }

    fn is_dead(&self) -> bool {
        let age = self.time.age();
        age >= self.dead.0 && age < self.dead.1
    }

    async fn answer(&self) -> Result<(), Dead> {
        if !self.is_dead() {
            self.time.sleep(Duration::from_millis(100)).await;
            return Ok(());
        }
        self.asked.set(self.asked.get() + 1);
        self.at_once.set(self.at_once.get() + 1);
        let most = self.most_at_once.get().max(self.at_once.get());
        self.most_at_once.set(most);
        self.time.sleep(self.hangs).await;
        self.at_once.set(self.at_once.get() - 1);
        Err(Dead)
    }
}

fn judge(result: &Result<(), Dead>) -> Health {
    match result {
        Ok(()) => Health::Good,
        Err(Dead) => Health::BadAndSafeToRepeat,
    }
}

/// One process: its calls come at these times, in milliseconds.
async fn process(shelf: &Shelf, party: &Party, calls: &[u64]) -> Vec<bool> {
    let guard = Guard::new("sms", shelf, Terms::default());
    let call = async |at: &u64| {
        party.time.until(Duration::from_millis(*at)).await;
        let result = guard.run(&party.time, || party.answer(), judge).await;
        matches!(result, Ok(()))
    };
    join_all(calls.iter().map(call)).await
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// I13: calls to a dead dependency are at most 1.1 of what was offered, and it recovers without
    /// help.
    #[test]
    fn a_dead_third_party_is_called_no_more_than_was_offered_over_a_thousand_new_processes(
        arrivals in prop::collection::vec(prop::collection::vec(0..600_000_u64, 1..4), 1_000),
        hangs in prop_oneof![Just(0_u64), 0..8_000_u64],
    ) {
        let shelf = Shelf::default();
        let offered = arrivals.iter().flatten().count() as u64;
        let party = Party::new((0, 600), hangs);
        let all = arrivals.iter().map(|calls| process(&shelf, &party, calls));
        let done = party.time.run(join_all(all));
        prop_assert!(!done.into_iter().flatten().any(|done| done), "it was dead all the time");
        let made = u64::from(party.asked.get());
        let calls = vec![Calls { party: "sms".to_owned(), offered, made }];
        prop_assert_eq!(World { calls, ..World::default() }.violations(), []);
        // Of some three a second the first five that have failed open it; single probes after that.
        let until_open = 5 + offered * hangs / 600_000 * 3 + 60;
        prop_assert!(made <= until_open, "{made} calls");
    }

    /// After the end of the fault the next probes close it, and everything goes through again.
    #[test]
    fn it_closes_by_itself_when_the_third_party_is_back(
        dead in 1..900_u64,
        every in 200..3_000_u64,
    ) {
        let shelf = Shelf::default();
        let calls: Vec<u64> = (0..1_100_000 / every).map(|turn| turn * every).collect();
        let party = Party::new((0, dead), 0);
        let done = party.time.run(process(&shelf, &party, &calls));
        let back = (dead + 70) * 1_000;
        let after = calls.iter().position(|call| *call >= back).unwrap();
        prop_assert!(done[after..].iter().all(|done| *done), "all that came 70 s later went through");
    }

    /// A probe alone is under way while it is open.
    #[test]
    fn a_dead_third_party_has_one_probe_at_a_time(
        arrivals in prop::collection::vec(100_000..500_000_u64, 200),
        hangs in 1..8_000_u64,
    ) {
        let shelf = Shelf::default();
        let party = Party::new((0, 600), hangs);
        let shift: Vec<Vec<u64>> = arrivals.iter().map(|at| vec![*at]).collect();
        party.time.run(async {
            process(&shelf, &party, &[0, 10_000, 20_000, 21_000, 22_000]).await;
            assert!(shelf.row().open_since().is_some());
            party.most_at_once.set(0);
            join_all(shift.iter().map(|calls| process(&shelf, &party, calls))).await;
        });
        let most = party.most_at_once.get();
        prop_assert!(most <= 1, "{most} at once");
    }
}

#[test]
fn what_is_not_called_says_when_to_come_again() {
    let shelf = Shelf::default();
    let party = Party::new((0, 600), 0);
    let guard = Guard::new("sms", &shelf, Terms::default());
    let call = async || guard.run(&party.time, || party.answer(), judge).await;
    party.time.run(async {
        while shelf.row().open_since().is_none() {
            assert!(matches!(call().await, Err(Refused::Failed(Dead))));
            party.time.sleep(Duration::from_millis(10)).await;
        }
        let shut = call().await;
        assert!(matches!(shut, Err(Refused::Shut { until }) if until > party.time.now()));
        assert!(guard.shut_until(party.time.now()).await.is_some());
    });
}
