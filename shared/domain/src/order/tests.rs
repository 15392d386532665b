//! Every command in every state of an order, and what the tables cannot show.

mod refunds;

use super::*;
use crate::tests::samples::{at, cancelled, declined, facts, order};
use crate::tests::{Cells, cells, differences, executed};
use crate::{ProductId, Sequence};

const TABLE: &str = "
               charge    unwind     unwind-closed   complete        fail            flag
    pending    charging  unwinding  !WrongDecision  !WrongDecision  !WrongDecision  pending
    charging   ok        ok         unwinding       confirmed       !WrongDecision  charging
    unwinding  ok        ok         ok              !WrongDecision  failed          unwinding
    confirmed  ok        ok         !WrongDecision  ok              !WrongDecision  ok
    failed     ok        ok         ok              !WrongDecision  ok              ok
    cancelled  ok        ok         ok              !WrongDecision  ok              ok
    shipped    ok        ok         !WrongDecision  ok              !WrongDecision  ok
    delivered  ok        ok         !WrongDecision  ok              !WrongDecision  ok
    refunded   ok        ok         !WrongDecision  ok              !WrongDecision  ok
";

/// What people and parcels bring about.
const PEOPLE: &str = "
               cancel     refund   refunded  shipped         delivered
    pending    unwinding  !Refund  !Refund   !WrongDecision  !WrongDecision
    charging   charging   !Refund  !Refund   !WrongDecision  !WrongDecision
    unwinding  ok         !Refund  !Refund   !WrongDecision  !WrongDecision
    confirmed  confirmed  confirmed !Refund  shipped         !WrongDecision
    failed     ok         !Refund  !Refund   !WrongDecision  !WrongDecision
    cancelled  ok         !Refund  !Refund   !WrongDecision  !WrongDecision
    shipped    !TooLate   shipped  !Refund   ok              delivered
    delivered  !TooLate   delivered !Refund  ok              ok
    refunded   ok         !Refund  ok        ok              ok
";

/// Stages DECC, DECU, DEC2, COMPLETE and FAILP of the model. `no` where it calls a completion
/// wrong; it knows no cancelled orders, which are as failed ones.
const MODEL: &str = "
               charge    unwind     unwind-closed   complete        fail
    pending    charging  unwinding  ok              no              ok
    charging   ok        ok         unwinding       confirmed       ok
    unwinding  ok        ok         ok              no              failed
    confirmed  ok        ok         ok              ok              ok
    failed     ok        ok         ok              no              ok
";

/// All of one kind: an end that does not follow from the decision. Nothing changes in either,
/// the model never gets there, and we refuse so that it is seen.
const DIFFERENCES: [&str; 5] = [
    "charging fail: ok, no",
    "confirmed fail: ok, no",
    "confirmed unwind-closed: ok, no",
    "pending fail: ok, no",
    "pending unwind-closed: ok, no",
];

const EPOCH: Epoch = Epoch::FIRST;

fn unwind(failure: Failure) -> OrderCommand {
    let epoch = EPOCH;
    OrderCommand::DecideUnwinding { epoch, failure }
}

fn commands(epoch: Epoch) -> [(&'static str, OrderCommand); 6] {
    let failure = declined();
    [
        ("charge", OrderCommand::DecideCharging { epoch }),
        ("unwind", OrderCommand::DecideUnwinding { epoch, failure }),
        ("unwind-closed", OrderCommand::UnwindClosed { epoch }),
        ("complete", OrderCommand::Complete { epoch }),
        ("fail", OrderCommand::Fail { epoch }),
        ("flag", OrderCommand::Flag { epoch }),
    ]
}

fn after(commands: &[OrderCommand]) -> Order {
    commands.iter().fold(order(), |mut order, command| {
        order.execute(command, at(10)).unwrap();
        order
    })
}

fn charging() -> Order {
    after(&[OrderCommand::DecideCharging { epoch: EPOCH }])
}

fn unwinding() -> Order {
    after(&[unwind(declined())])
}

fn confirmed() -> Order {
    let epoch = EPOCH;
    after(&[
        OrderCommand::DecideCharging { epoch },
        OrderCommand::Complete { epoch },
    ])
}

fn failed() -> Order {
    after(&[unwind(declined()), OrderCommand::Fail { epoch: EPOCH }])
}

fn shipped() -> Order {
    let tracking = TrackingNumber::parse("JD0002").unwrap();
    told(confirmed(), &[OrderCommand::RecordShipped { tracking }])
}

fn told(order: Order, commands: &[OrderCommand]) -> Order {
    commands.iter().fold(order, |mut order, command| {
        order.execute(command, at(20)).unwrap();
        order
    })
}

fn done() -> OrderCommand {
    let id = RefundId::of_cancel();
    OrderCommand::RecordRefunded { id }
}

fn all_states() -> [Order; 9] {
    [
        order(),
        charging(),
        unwinding(),
        confirmed(),
        failed(),
        after(&[unwind(cancelled()), OrderCommand::Fail { epoch: EPOCH }]),
        shipped(),
        told(shipped(), &[OrderCommand::RecordDelivered]),
        told(confirmed(), &[OrderCommand::RequestCancel, done()]),
    ]
}

fn people() -> [(&'static str, OrderCommand); 5] {
    let tracking = TrackingNumber::parse("JD0003").unwrap();
    let wanted = RefundWanted {
        of: RefundOf::Everything,
        restock: false,
    };
    let id = RefundId::parse("key-1").unwrap();
    [
        ("cancel", OrderCommand::RequestCancel),
        ("refund", OrderCommand::RequestRefund { id, wanted }),
        ("refunded", done()),
        ("shipped", OrderCommand::RecordShipped { tracking }),
        ("delivered", OrderCommand::RecordDelivered),
    ]
}

#[test]
fn people_and_parcels_follow_their_table_in_every_cell() {
    let cells_of_people = executed(&all_states(), &people(), |order| order.state.name());
    assert_eq!(cells_of_people, cells(PEOPLE));
}

fn all_cells() -> Cells {
    executed(&all_states(), &commands(EPOCH), |order| order.state.name())
}

#[test]
fn follows_its_table_in_every_cell() {
    assert_eq!(all_cells(), cells(TABLE));
}

#[test]
fn differs_from_the_model_only_where_it_is_stricter_about_ends_without_a_decision() {
    assert_eq!(differences(&all_cells(), &cells(MODEL)), DIFFERENCES);
}

#[test]
fn a_superseded_run_changes_nothing_whatever_it_asks() {
    for mut current in all_states() {
        current.epoch = Epoch(3);
        for (label, command) in commands(Epoch(2)) {
            let mut asked = current.clone();
            let superseded = Err(OrderRejection::Superseded {
                acting: Epoch(2),
                current: Epoch(3),
            });
            assert_eq!(asked.execute(&command, at(20)), superseded, "{label}");
            assert_eq!(asked, current);
        }
    }
}

#[test]
fn the_present_epoch_is_not_superseded_in_any_state() {
    for mut order in all_states() {
        order.epoch = Epoch(3);
        for (label, command) in commands(Epoch(3)) {
            let answer = order.clone().execute(&command, at(20));
            let superseded = matches!(answer, Err(OrderRejection::Superseded { .. }));
            assert!(!superseded, "{label}");
        }
    }
}

#[test]
fn the_first_decision_s_reason_settles_failed_or_cancelled() {
    let epoch = EPOCH;
    for (first, second, end) in [
        (declined(), cancelled(), "failed"),
        (cancelled(), declined(), "cancelled"),
    ] {
        let order = after(&[unwind(first), unwind(second), OrderCommand::Fail { epoch }]);
        assert_eq!(order.state.name(), end);
    }
}

#[test]
fn a_failed_order_says_why() {
    let failure = declined();
    assert_eq!(failed().state, OrderState::Failed { failure });
    let failure = Failure::new(FailureCode::CaptureRefused, "");
    let epoch = EPOCH;
    let closed = after(&[
        OrderCommand::DecideCharging { epoch },
        OrderCommand::UnwindClosed { epoch },
    ]);
    assert_eq!(closed.state, OrderState::Unwinding { failure });
}

#[test]
fn whoever_reads_an_order_learns_what_to_act_on() {
    let decisions = all_states().map(|order| order.decision());
    let ended = Some(Decision::Ended);
    assert_eq!(
        decisions,
        [
            None,
            Some(Decision::Charging),
            Some(Decision::Unwinding),
            ended,
            ended,
            ended,
            ended,
            ended,
            ended
        ]
    );
}

#[test]
fn placing_raises_the_first_event_at_the_time_of_placement() {
    let order = order();
    let [placed] = order.events.all() else {
        panic!("one event, not {:?}", order.events);
    };
    assert_eq!(placed.sequence, Sequence(1));
    assert_eq!(placed.at, facts(1).placed_at);
    assert_eq!(placed.event, OrderEvent::Placed);
    assert!(order.changes.is_changed());
    assert_eq!(order.changes.next_version(), 1);
}

#[test]
fn a_flag_stands_beside_the_state_and_a_late_success_takes_it_down() {
    let epoch = EPOCH;
    let flagged = after(&[
        OrderCommand::DecideCharging { epoch },
        OrderCommand::Flag { epoch },
    ]);
    assert!(flagged.needs_attention);
    assert_eq!(flagged.state.name(), "charging");
    let mut completed = flagged;
    completed
        .execute(&OrderCommand::Complete { epoch }, at(30))
        .unwrap();
    assert!(!completed.needs_attention);
    assert_eq!(completed.state, OrderState::Confirmed { at: at(30) });
}

#[test]
fn a_second_flag_raises_no_second_alarm() {
    let epoch = EPOCH;
    let flag = OrderCommand::Flag { epoch };
    assert_eq!(after(&[flag.clone(), flag.clone()]), after(&[flag]));
}

#[test]
fn a_take_over_supersedes_whoever_acted_before() {
    let mut order = charging();
    order.take_over(EPOCH, at(500)).unwrap();
    assert_eq!(order.epoch, Epoch(2));
    assert_eq!(order.next_look, Some(at(500)));
    let old = order.execute(&OrderCommand::Complete { epoch: EPOCH }, at(20));
    assert!(matches!(old, Err(OrderRejection::Superseded { .. })));
    let twice = order.take_over(EPOCH, at(600));
    assert!(matches!(twice, Err(OrderRejection::Superseded { .. })));
    assert_eq!(order.next_look, Some(at(500)));
}

#[test]
fn an_ended_order_is_not_taken_over() {
    for mut order in all_states().into_iter().skip(3) {
        let before = order.clone();
        let status = order.state.name();
        let refused = order.take_over(EPOCH, at(500));
        assert_eq!(refused, Err(OrderRejection::WrongDecision { status }));
        assert_eq!(order, before);
    }
}

#[test]
fn only_the_present_epoch_notes_when_it_looks_again() {
    let mut order = unwinding();
    order.changes.saved();
    order.look_again_at(EPOCH, at(700)).unwrap();
    assert!(order.changes.is_changed());
    assert_eq!(order.next_look, Some(at(700)));
    order.take_over(EPOCH, at(800)).unwrap();
    let refused = order.look_again_at(EPOCH, at(900));
    assert!(matches!(refused, Err(OrderRejection::Superseded { .. })));
    assert_eq!(order.next_look, Some(at(800)));
}

#[test]
fn nobody_looks_again_at_an_ended_order() {
    let epoch = EPOCH;
    for (mut order, end) in [
        (charging(), OrderCommand::Complete { epoch }),
        (unwinding(), OrderCommand::Fail { epoch }),
    ] {
        order.look_again_at(epoch, at(700)).unwrap();
        order.execute(&end, at(20)).unwrap();
        assert_eq!(order.next_look, None);
    }
}
