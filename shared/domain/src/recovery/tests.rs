//! Each round of recovery: what it does, how long it waits and when it calls a person.

use proptest::prelude::*;

use super::*;
use crate::tests::samples::{at, cancelled, declined, order};
use crate::{Aggregate, OrderCommand};

fn after(commands: &[OrderCommand]) -> Order {
    commands.iter().fold(order(), |mut order, command| {
        order.execute(command, at(1)).unwrap();
        order
    })
}

const EPOCH: Epoch = Epoch::FIRST;

fn charging() -> Order {
    after(&[OrderCommand::DecideCharging { epoch: EPOCH }])
}

fn unwinding() -> Order {
    let (epoch, failure) = (EPOCH, declined());
    after(&[OrderCommand::DecideUnwinding { epoch, failure }])
}

fn pending(epoch: u32) -> Order {
    let mut order = order();
    order.epoch = Epoch(epoch);
    order
}

fn waits(order: &Order, rounds: std::ops::Range<u32>) -> Vec<u16> {
    rounds
        .map(|round| next_round(order, round, at(2)).wait_seconds)
        .collect()
}

#[test]
fn acts_on_the_decision_that_it_reads() {
    let epoch = EPOCH;
    let end = |failure| {
        after(&[
            OrderCommand::DecideUnwinding { epoch, failure },
            OrderCommand::Fail { epoch },
        ])
    };
    let mut confirmed = charging();
    confirmed
        .execute(&OrderCommand::Complete { epoch }, at(1))
        .unwrap();
    for (order, act) in [
        (order(), Act::Restart),
        (charging(), Act::Capture),
        (unwinding(), Act::Undo),
        (end(declined()), Act::Undo),
        (end(cancelled()), Act::Undo),
        (confirmed, Act::Done),
    ] {
        let name = order.state.name();
        assert_eq!(next_round(&order, 0, at(2)).act, act, "{name}");
    }
}

#[test]
fn a_decided_order_is_tried_at_once_then_after_5_10_20_40_and_60_seconds() {
    for order in [charging(), unwinding()] {
        assert_eq!(waits(&order, 0..8), [0, 5, 10, 20, 40, 60, 60, 60]);
    }
}

#[test]
fn a_pending_order_waits_longer_with_each_run_that_it_took() {
    assert_eq!(waits(&pending(1), 0..6), [5, 10, 20, 40, 60, 60]);
    assert_eq!(waits(&pending(3), 0..4), [20, 40, 60, 60]);
    assert_eq!(waits(&pending(u32::MAX), 0..2), [60, 60]);
}

#[test]
fn calls_a_person_after_twenty_rounds_and_tries_again_every_ten_minutes() {
    for order in [order(), charging(), unwinding()] {
        let flag = |round| next_round(&order, round, at(2)).flag;
        assert!(!flag(ROUNDS_BEFORE_FLAG - 1));
        assert!(flag(ROUNDS_BEFORE_FLAG));
        assert!(flag(u32::MAX));
        assert_eq!(waits(&order, 19..23), [60, 600, 600, 600]);
    }
}

#[test]
fn an_order_still_pending_after_thirty_minutes_is_given_up_at_once() {
    let patience = PATIENCE.as_secs();
    assert_eq!(patience, 30 * 60);
    let round = |seconds| next_round(&order(), 0, at(seconds));
    assert_eq!(round(patience - 1).act, Act::Restart);
    assert_eq!(round(patience).act, Act::Unwind);
    assert_eq!(round(patience).wait_seconds, 0);
}

#[test]
fn a_decided_order_is_never_given_up() {
    let years_later = at(10 * 365 * 24 * 3_600);
    assert_eq!(next_round(&charging(), 9, years_later).act, Act::Capture);
    assert_eq!(next_round(&unwinding(), 9, years_later).act, Act::Undo);
}

#[test]
fn the_sweeper_waits_two_minutes_longer_than_recovery_itself() {
    let round = Round {
        act: Act::Undo,
        wait_seconds: 40,
        flag: false,
    };
    assert_eq!(round.next_look(at(0)), at(160));
    assert_eq!(round.next_look(Timestamp::MAX), Timestamp::MAX);
}

#[test]
fn what_is_still_closing_is_asked_again_after_a_quarter_of_an_hour_then_daily() {
    let first = next_closing_look(None, at(0));
    assert_eq!(first, at(900));
    assert_eq!(next_closing_look(Some(first), at(899)), first);
    let second = next_closing_look(Some(first), first);
    assert_eq!(second, at(900 + 24 * 3_600));
    assert_eq!(next_closing_look(None, Timestamp::MAX), Timestamp::MAX);
}

#[test]
fn acts_keep_the_names_that_the_state_machine_knows() {
    let acts = [
        Act::Restart,
        Act::Unwind,
        Act::Capture,
        Act::Undo,
        Act::Done,
    ];
    let names = acts.map(Act::name);
    assert_eq!(names, ["restart", "unwind", "capture", "undo", "done"]);
}

proptest! {
    #[test]
    fn a_wait_never_shrinks_and_never_exceeds_ten_minutes(
        epoch in 1_u32..,
        rounds in 0_u32..u32::MAX,
        which in 0_usize..3,
    ) {
        let order = [pending(epoch), charging(), unwinding()][which].clone();
        let [now, then] = [rounds, rounds + 1].map(|round| next_round(&order, round, at(2)));
        prop_assert!(now.wait_seconds <= then.wait_seconds);
        prop_assert!(then.wait_seconds <= 600);
    }
}
