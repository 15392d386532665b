//! What is refused in states: unknown fields, types, error names, targets, numbers.

use super::*;

#[test]
fn refuses_unknown_fields_wherever_they_are() {
    let error = Machine::parse(&text(
        &json!({ "A": { "Type": "Succeed" } }),
        json!({ "QueryLanguage": "JSONata" }),
    ));
    assert_eq!(
        error.unwrap_err().to_string(),
        "unsupported at : field QueryLanguage"
    );
    for (state, path, what) in [
        (
            json!({ "Type": "Succeed", "Output": "{% 1 %}" }),
            "States.A",
            "field Output",
        ),
        (
            json!({ "Type": "Pass", "Assign": {}, "End": true }),
            "States.A",
            "field Assign",
        ),
        (
            json!({ "Type": "Wait", "Seconds": 1, "ResultPath": "$", "End": true }),
            "States.A",
            "field ResultPath",
        ),
        (
            json!({ "Type": "Fail", "Error": "E", "CausePath": "$.c" }),
            "States.A",
            "field CausePath",
        ),
        (
            json!({ "Type": "Fail", "Error": "E", "InputPath": "$" }),
            "States.A",
            "field InputPath",
        ),
        (
            json!({ "Type": "Choice", "Choices": [{ "Variable": "$.a", "IsPresent": true, "Next": "A", "Assign": {} }] }),
            "States.A.Choices[0]",
            "field Assign",
        ),
    ] {
        assert_eq!(
            unsupported(&json!({ "A": state })),
            (path.to_owned(), what.to_owned())
        );
    }
    for (field, path) in [
        ("Retry", "States.A.Retry[0]"),
        ("Catch", "States.A.Catch[0]"),
    ] {
        let entry = json!([{ "ErrorEquals": ["E"], "Next": "A", "MaxAttempt": 1, "Output": {} }]);
        assert_eq!(unsupported(&one_task(json!({ field: entry }))).0, path);
    }
    assert_eq!(
        unsupported(&one_task(
            json!({ "HeartbeatSeconds": 1, "Credentials": {} })
        ))
        .1,
        "field Credentials, HeartbeatSeconds"
    );
}

#[test]
fn refuses_state_types_outside_the_subset() {
    for kind in ["Parallel", "Map", "task"] {
        let (path, what) = unsupported(&json!({ "A": { "Type": kind, "End": true } }));
        assert_eq!(
            (path.as_str(), what),
            ("States.A.Type", format!("state type {kind:?}"))
        );
    }
}

#[test]
fn refuses_waits_other_than_by_seconds() {
    for wait in [
        json!({ "Type": "Wait", "Timestamp": "2026-01-01T00:00:00Z", "End": true }),
        json!({ "Type": "Wait", "Seconds": 1, "SecondsPath": "$.s", "End": true }),
    ] {
        assert_eq!(unsupported(&json!({ "A": wait })).0, "States.A");
    }
}

#[test]
fn refuses_errors_that_nothing_can_catch_and_names_outside_the_subset() {
    for name in [
        "States.Runtime",
        "States.DataLimitExceeded",
        "States.Permissions",
        "States.All",
    ] {
        for field in ["Retry", "Catch"] {
            let entry = json!([{ "ErrorEquals": ["X", name], "Next": "A" }]);
            let (path, what) = unsupported(&one_task(json!({ field: entry })));
            assert_eq!(
                (path, what),
                (
                    format!("States.A.{field}[0].ErrorEquals[1]"),
                    format!("error name {name}")
                )
            );
        }
    }
}

#[test]
fn refuses_the_wildcard_anywhere_but_alone_and_last() {
    let together = json!([{ "ErrorEquals": ["X", "States.ALL"], "Next": "A" }]);
    assert_eq!(
        invalid(&one_task(json!({ "Catch": together }))).0,
        "States.A.Catch[0].ErrorEquals"
    );
    let early = json!([{ "ErrorEquals": ["States.ALL"] }, { "ErrorEquals": ["X"] }]);
    assert_eq!(
        invalid(&one_task(json!({ "Retry": early }))).0,
        "States.A.Retry"
    );
}

#[test]
fn refuses_resources_with_callbacks() {
    for resource in [
        "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "arn:aws:states:::states:startExecution.sync:2",
    ] {
        assert_eq!(
            unsupported(&one_task(json!({ "Resource": resource }))).0,
            "States.A.Resource"
        );
    }
}

#[test]
fn refuses_numbers_out_of_range() {
    for (retrier, field) in [
        (
            json!({ "ErrorEquals": ["X"], "IntervalSeconds": 0 }),
            "IntervalSeconds",
        ),
        (
            json!({ "ErrorEquals": ["X"], "BackoffRate": 0.5 }),
            "BackoffRate",
        ),
        (
            json!({ "ErrorEquals": ["X"], "MaxAttempts": -1 }),
            "MaxAttempts",
        ),
        (
            json!({ "ErrorEquals": ["X"], "MaxAttempts": 1.5 }),
            "MaxAttempts",
        ),
        (
            json!({ "ErrorEquals": ["X"], "IntervalSeconds": 5, "MaxDelaySeconds": 5 }),
            "MaxDelaySeconds",
        ),
        (
            json!({ "ErrorEquals": ["X"], "JitterStrategy": "full" }),
            "JitterStrategy",
        ),
        (json!({ "ErrorEquals": [] }), "ErrorEquals"),
        (json!({ "ErrorEquals": [1] }), "ErrorEquals[0]"),
    ] {
        assert_eq!(
            invalid(&one_task(json!({ "Retry": [retrier] }))).0,
            format!("States.A.Retry[0].{field}")
        );
    }
    assert_eq!(
        invalid(&one_task(json!({ "TimeoutSeconds": 0 }))).0,
        "States.A.TimeoutSeconds"
    );
    assert_eq!(
        invalid(&json!({ "A": { "Type": "Wait", "Seconds": -1, "End": true } })).0,
        "States.A.Seconds"
    );
}

#[test]
fn refuses_states_without_a_way_on() {
    for way in [
        json!({}),
        json!({ "End": false }),
        json!({ "Next": "A", "End": true }),
        json!({ "Next": null }),
    ] {
        let mut pass = json!({ "Type": "Pass" });
        pass.as_object_mut()
            .unwrap()
            .extend(way.as_object().unwrap().clone());
        assert!(invalid(&json!({ "A": pass })).0.starts_with("States.A"));
    }
}

#[test]
fn refuses_targets_that_do_not_exist() {
    let rule = json!({ "Variable": "$.a", "IsPresent": true, "Next": "Gone" });
    for state in [
        json!({ "Type": "Pass", "Next": "Gone" }),
        json!({ "Type": "Task", "Resource": "r", "End": true, "Catch": [{ "ErrorEquals": ["X"], "Next": "Gone" }] }),
        json!({ "Type": "Choice", "Choices": [rule] }),
        json!({ "Type": "Choice", "Choices": [{ "Variable": "$.a", "IsPresent": true, "Next": "A" }], "Default": "Gone" }),
    ] {
        assert_eq!(
            invalid(&json!({ "A": state })),
            (
                "States.A".to_owned(),
                "there is no state \"Gone\"".to_owned()
            )
        );
    }
    assert_eq!(invalid(&json!({ "B": { "Type": "Succeed" } })).0, "StartAt");
}

#[test]
fn refuses_missing_and_mistyped_fields() {
    assert_eq!(
        invalid(&json!({ "A": { "Type": "Task", "End": true } })).0,
        "States.A.Resource"
    );
    assert_eq!(invalid(&json!({ "A": { "End": true } })).0, "States.A.Type");
    assert_eq!(invalid(&json!({ "A": [] })).0, "States.A");
    assert_eq!(
        invalid(&one_task(json!({ "Retry": {} }))).0,
        "States.A.Retry"
    );
    assert_eq!(
        invalid(&one_task(json!({ "ResultPath": 1 }))).0,
        "States.A.ResultPath"
    );
    assert_eq!(
        invalid(&one_task(json!({ "InputPath": 1 }))).0,
        "States.A.InputPath"
    );
    assert_eq!(
        invalid(&json!({ "A": { "Type": "Succeed" }, "n".repeat(81): { "Type": "Succeed" } })).0,
        format!("States.{}", "n".repeat(81))
    );
}
