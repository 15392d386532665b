//! The plan is sound: every step has one undo at most, and none after the way back is closed.

use std::collections::HashSet;

use super::*;

#[test]
fn states_are_called_once() {
    let steps = PLAN.iter().map(|step| step.state);
    let undos = PLAN.iter().filter_map(|step| step.undo.map(|undo| undo.0));
    let states: Vec<_> = steps.chain(undos).collect();
    let unique: HashSet<_> = states.iter().collect();
    assert_eq!(unique.len(), states.len(), "{states:?}");
}

#[test]
fn exactly_the_steps_before_the_decision_have_an_undo() {
    for step in PLAN {
        let compensable = step.phase == Phase::Compensable;
        assert_eq!(step.undo.is_some(), compensable, "{}", step.state);
    }
}

#[test]
fn phases_follow_each_other_and_there_is_one_decision_and_one_pivot() {
    let phases: Vec<_> = PLAN.iter().map(|step| step.phase).collect();
    use Phase::{Compensable as C, Decision as D, Pivot as P, Retryable as R};
    assert_eq!(phases, [C, C, C, D, P, R, R]);
}

#[test]
fn no_service_is_asked_for_the_same_command_twice() {
    let asked = PLAN.map(|step| format!("{:?}/{}", step.service, step.command));
    let unique: HashSet<_> = asked.iter().collect();
    assert_eq!(unique.len(), PLAN.len(), "{asked:?}");
}

#[test]
fn undos_run_in_reverse() {
    let undos: Vec<_> = PLAN.iter().rev().filter_map(|step| step.undo).collect();
    assert_eq!(
        undos,
        [
            ("CancelShipment", "cancel"),
            ("VoidPayment", "void"),
            ("ReleaseStock", "release"),
        ]
    );
}
