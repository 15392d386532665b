//! What a machine's text becomes.

use super::*;
use crate::asl::StateKind;

#[test]
fn reads_every_supported_field() {
    let states = json!({
        "A": {
            "Type": "Task", "Comment": "c", "Resource": "${Inventory}", "TimeoutSeconds": 10,
            "InputPath": "$", "Parameters": { "step": "reserve", "id.$": "$.id", "name.$": "$$.Execution.Name" },
            "ResultSelector": { "ok.$": "$.ok" }, "ResultPath": "$.a.b", "OutputPath": "$",
            "Retry": [{ "ErrorEquals": ["Unavailable"], "IntervalSeconds": 1, "BackoffRate": 1.5, "MaxAttempts": 2,
                        "MaxDelaySeconds": 5, "JitterStrategy": "FULL", "Comment": "c" }],
            "Catch": [{ "ErrorEquals": ["Superseded"], "ResultPath": "$.failure", "Next": "End", "Comment": "c" },
                      { "ErrorEquals": ["States.ALL"], "ResultPath": null, "Next": "Choose" }],
            "Next": "Choose"
        },
        "Choose": {
            "Type": "Choice",
            "Choices": [{ "Comment": "c", "Variable": "$.a.b", "StringEquals": "x", "Next": "Pause" }],
            "Default": "Bad"
        },
        "Pause": { "Type": "Wait", "SecondsPath": "$.wait", "Next": "Shape" },
        "Shape": { "Type": "Pass", "Parameters": { "n.$": "States.MathAdd($.n, 1)" }, "ResultPath": "$.m", "Next": "End" },
        "Bad": { "Type": "Fail", "Error": "Bad", "Cause": "because" },
        "End": { "Type": "Succeed" }
    });
    let more = json!({ "Comment": "c", "TimeoutSeconds": 120 });
    let machine = Machine::parse(&text(&states, more)).unwrap();
    assert_eq!(machine.timeout, Some(seconds(120)));
    let StateKind::Task(task) = &machine.state("A").unwrap().kind else {
        panic!()
    };
    assert_eq!(
        (task.resource.as_str(), task.timeout),
        ("${Inventory}", Some(seconds(10)))
    );
    let retrier = task.retry.first().unwrap();
    assert_eq!(
        (retrier.interval, retrier.max_attempts, retrier.max_delay),
        (seconds(1), 2, Some(seconds(5)))
    );
    assert!(retrier.full_jitter);
}

#[test]
fn fills_in_the_defaults_of_a_retrier() {
    let machine = machine(&one_task(json!({ "Retry": [{ "ErrorEquals": ["X"] }] })));
    let (_, task) = machine.tasks().next().unwrap();
    let retrier = task.retry.first().unwrap();
    assert_eq!(
        (retrier.interval, retrier.backoff_rate, retrier.max_attempts),
        (seconds(1), 2.0, 3)
    );
    assert_eq!((retrier.max_delay, retrier.full_jitter), (None, false));
}

#[test]
fn refuses_text_that_is_no_json() {
    assert!(matches!(Machine::parse("{"), Err(ParseError::Json(_))));
}

#[test]
fn refuses_a_state_that_is_there_twice() {
    let text = r#"{"StartAt":"A","States":{"A":{"Type":"Succeed"},"A":{"Type":"Succeed"}}}"#;
    let Err(ParseError::Json(error)) = Machine::parse(text) else {
        panic!()
    };
    assert!(error.to_string().contains("\"A\" is there twice"));
}

#[test]
fn keeps_the_value_of_every_kind_of_json() {
    let text = r#"{"a":[null,true,-1,18446744073709551615,0.5,"t",{"b":[]}]}"#;
    assert_eq!(
        crate::asl::json::parse(text).unwrap(),
        serde_json::from_str::<Value>(text).unwrap()
    );
}
