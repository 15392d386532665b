//! When it opens, for whom, and how it closes again.

use std::sync::Mutex;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::virtual_time::Virtual;
use crate::{
    Budget, Gate, Guard, Health, PutError, Refused, Row, Share, ShareError, State, Terms, Time,
};

/// One row; away where it is said so.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    row: Mutex<Row>,
    pub(crate) away: Mutex<bool>,
    pub(crate) reads: Mutex<u32>,
    pub(crate) writes: Mutex<u32>,
}

impl Shelf {
    pub(crate) fn row(&self) -> Row {
        self.row.lock().unwrap().clone()
    }

    fn answers(&self) -> Result<(), ShareError> {
        match *self.away.lock().unwrap() {
            true => Err(ShareError("away".into())),
            false => Ok(()),
        }
    }
}

impl Share for &Shelf {
    async fn breaker(&self, _: &str) -> Result<Row, ShareError> {
        self.answers()?;
        *self.reads.lock().unwrap() += 1;
        Ok(self.row())
    }

    async fn put_breaker(&self, _: &str, row: &Row) -> Result<(), PutError> {
        self.answers().map_err(PutError::Share)?;
        let mut stored = self.row.lock().unwrap();
        *self.writes.lock().unwrap() += 1;
        if stored.version != row.version {
            return Err(PutError::Taken(stored.clone()));
        }
        *stored = Row {
            version: row.version + 1,
            ..row.clone()
        };
        Ok(())
    }
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("no")]
struct No;

fn at(seconds: u64) -> Timestamp {
    clock(seconds).now()
}

/// So many seconds after the beginning.
fn clock(seconds: u64) -> Virtual {
    let time = Virtual::default();
    time.jump(Duration::from_secs(seconds));
    time
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    Virtual::default().run(future)
}

fn terms() -> Terms {
    Terms::default()
}

/// One call at a time; how it ends is told.
fn call(guard: &Guard<&Shelf>, seconds: u64, ends: Result<(), No>) -> Result<(), Refused<No>> {
    let judge = |result: &Result<(), No>| match result {
        Ok(()) => Health::Good,
        Err(No) => Health::Bad,
    };
    block_on(guard.run(
        &clock(seconds),
        async || match ends {
            Ok(()) => Ok(()),
            Err(No) => Err(No),
        },
        judge,
    ))
}

fn open(shelf: &Shelf) -> bool {
    shelf.row().open_since().is_some()
}

fn is_shut(result: &Result<(), Refused<No>>) -> bool {
    matches!(result, Err(Refused::Shut { .. }))
}

fn opened(shelf: &Shelf) -> Guard<&Shelf> {
    let guard = Guard::new("sms", shelf, terms());
    for second in 0..5 {
        assert!(matches!(
            call(&guard, second, Err(No)),
            Err(Refused::Failed(No))
        ));
    }
    assert!(open(shelf));
    guard
}

#[test]
fn a_healthy_third_party_costs_one_look() {
    let shelf = Shelf::default();
    let guard = Guard::new("sms", &shelf, terms());
    for second in 0..100 {
        call(&guard, second, Ok(())).unwrap();
    }
    let (reads, writes) = (*shelf.reads.lock().unwrap(), *shelf.writes.lock().unwrap());
    assert_eq!((reads, writes), (1, 0));
}

#[test]
fn five_failures_open_it_for_everybody() {
    let shelf = Shelf::default();
    opened(&shelf);
    let other = Guard::new("sms", &shelf, terms());
    assert!(is_shut(&call(&other, 5, Ok(()))));
}

#[test]
fn the_failures_of_many_processes_are_added_up() {
    let shelf = Shelf::default();
    for second in 0..5 {
        let guard = Guard::new("sms", &shelf, terms());
        assert!(!open(&shelf));
        call(&guard, second, Err(No)).unwrap_err();
    }
    assert!(open(&shelf));
}

#[test]
fn failures_that_are_far_apart_do_not_open_it() {
    let shelf = Shelf::default();
    let guard = Guard::new("sms", &shelf, terms());
    for turn in 0..50 {
        call(&guard, turn * 10, Err(No)).unwrap_err();
    }
    assert!(!open(&shelf));
}

#[test]
fn failures_among_many_good_answers_do_not_open_it() {
    let shelf = Shelf::default();
    let guard = Guard::new("sms", &shelf, terms());
    for turn in 0..200 {
        let ends = if turn % 4 == 3 { Err(No) } else { Ok(()) };
        drop(call(&guard, turn / 10, ends));
    }
    assert!(!open(&shelf));
}

#[test]
fn what_went_well_long_ago_does_not_keep_it_closed() {
    let shelf = Shelf::default();
    let guard = Guard::new("sms", &shelf, terms());
    for second in 0..3_000 {
        call(&guard, second, Ok(())).unwrap();
    }
    for second in 3_040..3_045 {
        call(&guard, second, Err(No)).unwrap_err();
    }
    assert!(open(&shelf));
}

#[test]
fn a_call_is_repeated_once_at_most_however_much_was_earned() {
    let shelf = Shelf::default();
    let guard = Guard::new("sms", &shelf, terms());
    for second in 0..200 {
        call(&guard, second, Ok(())).unwrap();
    }
    let (time, calls) = (clock(201), Mutex::new(0));
    let again = |_: &Result<(), No>| Health::BadAndSafeToRepeat;
    let fails = async || {
        *calls.lock().unwrap() += 1;
        Err(No)
    };
    time.run(guard.run(&time, fails, again)).unwrap_err();
    assert_eq!(*calls.lock().unwrap(), 2);
}

#[test]
fn who_does_not_know_that_it_is_open_learns_it_from_their_first_failure() {
    let shelf = Shelf::default();
    let other = Guard::new("sms", &shelf, terms());
    call(&other, 0, Ok(())).unwrap();
    opened(&shelf);
    assert!(!is_shut(&call(&other, 5, Err(No))));
    assert!(is_shut(&call(&other, 6, Err(No))));
}

#[test]
fn one_probe_at_a_time_goes_through_after_the_pause() {
    let shelf = Shelf::default();
    let guard = opened(&shelf);
    let other = Guard::new("sms", &shelf, terms());
    assert!(is_shut(&call(&guard, 8, Ok(()))));
    let judge = |_: &Result<(), No>| Health::Good;
    let time = clock(9);
    let probe = guard.run(
        &time,
        async || {
            // While it is out nobody else calls.
            assert!(is_shut(&call(&other, 9, Ok(()))));
            assert!(is_shut(&call(&other, 20, Ok(()))));
            Ok(())
        },
        judge,
    );
    block_on(probe).unwrap();
    assert!(open(&shelf));
    call(&other, 22, Ok(())).unwrap();
    assert!(!open(&shelf));
    call(&guard, 22, Ok(())).unwrap();
}

#[test]
fn a_probe_that_is_lost_is_followed_by_another() {
    let shelf = Shelf::default();
    let guard = opened(&shelf);
    let mut lost = shelf.row();
    lost.probing(at(9), &terms());
    block_on((&shelf).put_breaker("sms", &lost)).unwrap();
    assert!(is_shut(&call(&guard, 10, Ok(()))));
    assert!(is_shut(&call(&guard, 23, Ok(()))));
    call(&guard, 24, Ok(())).unwrap();
}

#[test]
fn each_probe_that_fails_doubles_the_pause_up_to_the_longest() {
    let shelf = Shelf::default();
    let guard = opened(&shelf);
    let mut now = at(4);
    let mut pauses = Vec::new();
    for _ in 0..6 {
        let Gate::Shut(until) = shelf.row().gate(now) else {
            panic!("it is open");
        };
        pauses.push(until.duration_since(now).as_secs());
        now = until;
        call(
            &guard,
            now.duration_since(at(0)).as_secs().unsigned_abs(),
            Err(No),
        )
        .unwrap_err();
    }
    assert_eq!(pauses, [5, 10, 20, 40, 60, 60]);
    assert_eq!(shelf.row().open_since(), Some(at(4)));
}

#[test]
fn answers_that_are_slow_open_it() {
    let shelf = Shelf::default();
    let guard = Guard::new("sms", &shelf, terms());
    for turn in 0..5 {
        let time = clock(turn);
        let judge = |_: &Result<(), No>| Health::Good;
        let answer = async || {
            time.sleep(Duration::from_secs(4)).await;
            Ok(())
        };
        time.run(guard.run(&time, answer, judge)).unwrap();
    }
    assert!(open(&shelf));
}

#[test]
fn a_store_that_is_away_stops_no_call_and_one_process_protects_itself() {
    let shelf = Shelf::default();
    *shelf.away.lock().unwrap() = true;
    let guard = opened_alone(&shelf);
    assert!(is_shut(&call(&guard, 5, Ok(()))));
    assert!(!open(&shelf));
    call(&guard, 9, Ok(())).unwrap();
    call(&guard, 9, Ok(())).unwrap();
    call(&guard, 9, Ok(())).unwrap();
}

fn opened_alone(shelf: &Shelf) -> Guard<&Shelf> {
    let guard = Guard::new("sms", shelf, terms());
    for second in 0..5 {
        call(&guard, second, Err(No)).unwrap_err();
    }
    guard
}

#[test]
fn what_comes_in_after_it_opened_changes_nothing() {
    let shelf = Shelf::default();
    let slow = Guard::new("sms", &shelf, terms());
    let judge = |_: &Result<(), No>| Health::Bad;
    let time = clock(5);
    let late = slow.run(
        &time,
        async || {
            opened(&shelf);
            Err(No)
        },
        judge,
    );
    block_on(late).unwrap_err();
    let State::Open(open) = shelf.row().state else {
        panic!("it is open");
    };
    assert_eq!((open.failed, open.until), (0, at(9)));
}

#[test]
fn more_than_so_many_at_once_are_not_called() {
    let shelf = Shelf::default();
    let narrow = Terms {
        at_once: 1,
        ..terms()
    };
    let guard = Guard::new("sms", &shelf, narrow);
    let judge = |_: &Result<(), No>| Health::Good;
    let time = clock(0);
    let first = guard.run(
        &time,
        async || {
            assert!(matches!(call(&guard, 0, Ok(())), Err(Refused::Busy)));
            Ok(())
        },
        judge,
    );
    block_on(first).unwrap();
    call(&guard, 0, Ok(())).unwrap();
}

#[test]
fn a_tenth_of_the_calls_may_be_repeated_and_none_of_a_new_process() {
    let mut budget = Budget::default();
    let mut retries = 0;
    for calls in 1..=1_000 {
        budget.earn();
        retries += u32::from(budget.spend());
        assert!(retries * 10 <= calls);
    }
    assert_eq!(retries, 100);
}

#[test]
fn what_was_earned_is_kept_up_to_ten_retries() {
    let mut budget = Budget::default();
    (0..1_000).for_each(|_| budget.earn());
    let spent = (0..100).filter(|_| budget.spend()).count();
    assert_eq!(spent, 10);
}

#[test]
fn the_longest_pause_is_kept_after_any_number_of_probes() {
    let shelf = Shelf::default();
    opened(&shelf);
    let mut row = shelf.row();
    for _ in 0..100 {
        row.probed(false, at(0), &terms());
    }
    let longest = SignedDuration::try_from(Duration::from_secs(60)).unwrap();
    assert_eq!(row.gate(at(0)), Gate::Shut(at(0) + longest));
}
