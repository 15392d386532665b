//! Where an error leads once no retry is left.

use super::*;

fn caught(catch: Value) -> Value {
    let mut states = one_task(json!({ "ResultPath": "$.result", "Catch": catch }));
    for name in ["B", "C"] {
        states[name] =
            json!({ "Type": "Pass", "Parameters": { "at": name, "data.$": "$" }, "End": true });
    }
    states
}

async fn after(catch: Value, error: &str) -> Status {
    run(
        &caught(catch),
        json!({ "id": 1 }),
        &Script::of([err(error)]),
    )
    .await
    .status
}

#[tokio::test]
async fn error_output_replaces_the_data_by_default() {
    let status = after(json!([{ "ErrorEquals": ["X"], "Next": "B" }]), "X").await;
    let cause = r#"{"errorType":"X","errorMessage":"no luck"}"#;
    assert_eq!(
        status,
        Status::Succeeded(json!({ "at": "B", "data": { "Error": "X", "Cause": cause } }))
    );
}

#[tokio::test]
async fn result_path_puts_the_error_beside_the_data() {
    let Status::Succeeded(output) = after(
        json!([{ "ErrorEquals": ["X"], "ResultPath": "$.failure", "Next": "B" }]),
        "X",
    )
    .await
    else {
        panic!()
    };
    assert_eq!(
        (&output["data"]["id"], &output["data"]["failure"]["Error"]),
        (&json!(1), &json!("X"))
    );
    let status = after(
        json!([{ "ErrorEquals": ["X"], "ResultPath": null, "Next": "B" }]),
        "X",
    )
    .await;
    assert_eq!(
        status,
        Status::Succeeded(json!({ "at": "B", "data": { "id": 1 } }))
    );
}

#[tokio::test]
async fn first_matching_catcher_wins() {
    let catch = json!([
        { "ErrorEquals": ["X", "Y"], "ResultPath": null, "Next": "B" },
        { "ErrorEquals": ["States.ALL"], "ResultPath": null, "Next": "C" }
    ]);
    for (error, next) in [("Y", "B"), ("Z", "C"), ("States.Timeout", "C")] {
        let Status::Succeeded(output) = after(catch.clone(), error).await else {
            panic!()
        };
        assert_eq!(output["at"], next);
    }
}

#[tokio::test]
async fn uncaught_error_fails_the_execution() {
    let status = after(json!([{ "ErrorEquals": ["Y"], "Next": "B" }]), "X").await;
    assert_eq!(status, Status::Failed(TaskError::lambda("X", "no luck")));
}

#[tokio::test]
async fn wildcards_leave_terminal_errors_alone() {
    for wildcard in ["States.ALL", "States.TaskFailed"] {
        for error in ["States.Runtime", "States.DataLimitExceeded"] {
            let status = after(json!([{ "ErrorEquals": [wildcard], "Next": "B" }]), error).await;
            assert!(matches!(status, Status::Failed(failed) if failed.error == error));
        }
    }
}

#[tokio::test]
async fn task_failed_does_not_catch_the_time_limit() {
    let catch = json!([{ "ErrorEquals": ["States.TaskFailed"], "Next": "B" }, { "ErrorEquals": ["States.Timeout"], "ResultPath": null, "Next": "C" }]);
    let Status::Succeeded(output) = after(catch, "States.Timeout").await else {
        panic!()
    };
    assert_eq!(output["at"], "C");
}

#[tokio::test]
async fn catches_once_the_retries_are_used_up() {
    let mut states = caught(json!([{ "ErrorEquals": ["X"], "ResultPath": null, "Next": "B" }]));
    states["A"]["Retry"] = json!([{ "ErrorEquals": ["X"], "MaxAttempts": 2 }]);
    let script = Script::of((0..3).map(|_| err("X")));
    let ended = run(&states, json!({}), &script).await;
    assert_eq!(script.calls().len(), 3);
    let visited: Vec<_> = ended
        .history
        .iter()
        .map(|visit| (visit.state.as_str(), visit.attempt, visit.error.is_some()))
        .collect();
    assert_eq!(
        visited,
        [
            ("A", 1, true),
            ("A", 2, true),
            ("A", 3, true),
            ("B", 1, false)
        ]
    );
}

#[tokio::test]
async fn errors_of_a_tasks_own_data_flow_are_caught_too() {
    let mut states =
        caught(json!([{ "ErrorEquals": ["States.ALL"], "ResultPath": null, "Next": "B" }]));
    states["A"]["Parameters"] = json!({ "n.$": "States.MathAdd($.text, 1)" });
    let script = Script::default();
    let ended = run(&states, json!({ "text": "t" }), &script).await;
    assert!(matches!(ended.status, Status::Succeeded(_)));
    assert_eq!(script.calls(), []);
}
