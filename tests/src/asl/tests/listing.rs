//! What can be asked of a machine that does not run.

use std::collections::BTreeSet;

use super::*;
use crate::asl::Gap;

fn example() -> Arc<Machine> {
    machine(&json!({
        "A": { "Type": "Task", "Resource": "${One}", "TimeoutSeconds": 1, "Next": "B",
               "Retry": [{ "ErrorEquals": ["Busy", "Slow"] }],
               "Catch": [{ "ErrorEquals": ["Superseded"], "Next": "Done" }, { "ErrorEquals": ["States.ALL"], "Next": "Undo" }] },
        "B": { "Type": "Choice", "Choices": [{ "Variable": "$.a", "IsPresent": true, "Next": "Done" }], "Default": "Pause" },
        "Pause": { "Type": "Wait", "Seconds": 1, "Next": "B" },
        "Undo": { "Type": "Task", "Resource": "${Two}", "Next": "Stop" },
        "Stop": { "Type": "Fail", "Error": "E" },
        "Done": { "Type": "Succeed" },
        "Island": { "Type": "Pass", "Next": "Done" }
    }))
}

#[test]
fn lists_states_tasks_and_error_names() {
    let machine = example();
    assert_eq!(
        machine.state_names().collect::<Vec<_>>(),
        ["A", "B", "Done", "Island", "Pause", "Stop", "Undo"]
    );
    let tasks: Vec<_> = machine
        .tasks()
        .map(|(name, task)| (name, task.resource.as_str()))
        .collect();
    assert_eq!(tasks, [("A", "${One}"), ("Undo", "${Two}")]);
    assert_eq!(machine.resources(), BTreeSet::from(["${One}", "${Two}"]));
    assert_eq!(machine.retried_errors(), BTreeSet::from(["Busy", "Slow"]));
    assert_eq!(
        machine.caught_errors(),
        BTreeSet::from(["States.ALL", "Superseded"])
    );
}

#[test]
fn follows_every_way_out_of_a_state() {
    let machine = example();
    assert_eq!(machine.successors("A"), ["B", "Done", "Undo"]);
    assert_eq!(machine.successors("B"), ["Done", "Pause"]);
    assert_eq!(machine.successors("Stop"), Vec::<&str>::new());
    assert_eq!(machine.unreachable(), BTreeSet::from(["Island"]));
    assert_eq!(
        machine.reachable_from("Undo"),
        BTreeSet::from(["Stop", "Undo"])
    );
    assert_eq!(machine.reachable().len(), 6);
}

#[test]
fn names_the_guards_that_tasks_lack() {
    let gap = |lacks| Gap {
        state: "Undo".to_owned(),
        lacks,
    };
    assert_eq!(
        example().gaps(),
        [gap("TimeoutSeconds"), gap("Retry"), gap("Catch")]
    );
}
