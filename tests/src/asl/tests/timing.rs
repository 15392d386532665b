//! Waits, time limits and tasks that take their time.

use super::*;

fn limited(limit: u64, states: &Value) -> Arc<Machine> {
    Arc::new(Machine::parse(&text(states, json!({ "TimeoutSeconds": limit }))).unwrap())
}

#[tokio::test]
async fn waits_in_virtual_time() {
    let states = json!({
        "A": { "Type": "Wait", "Seconds": 600, "Next": "B" },
        "B": { "Type": "Wait", "SecondsPath": "$.s", "Next": "C" },
        "C": { "Type": "Task", "Resource": "r", "End": true }
    });
    let script = Script::default();
    let ended = run(&states, json!({ "s": 30 }), &script).await;
    assert_eq!((script.seconds(), ended.at), (vec![630], second(630)));
}

#[tokio::test]
async fn wait_for_no_number_of_seconds_ends_the_execution() {
    let states = json!({ "A": { "Type": "Wait", "SecondsPath": "$.s", "End": true } });
    for input in [
        json!({}),
        json!({ "s": -1 }),
        json!({ "s": "5" }),
        json!({ "s": 1.5 }),
    ] {
        assert_eq!(
            error_of(&run(&states, input, &Script::default()).await),
            "States.Runtime"
        );
    }
    assert_eq!(
        run(&states, json!({ "s": 0 }), &Script::default()).await.at,
        second(0)
    );
}

#[tokio::test]
async fn task_takes_the_time_it_says() {
    let states = json!({ "A": { "Type": "Task", "Resource": "r", "Next": "B" }, "B": { "Type": "Task", "Resource": "r", "End": true } });
    let script = Script::of([
        ok(json!({})).after(seconds(4)),
        ok(json!({})).after(seconds(3)),
    ]);
    let ended = run(&states, json!({}), &script).await;
    assert_eq!((script.seconds(), ended.at), (vec![0, 4], second(7)));
    let times: Vec<_> = ended
        .history
        .iter()
        .map(|visit| (visit.at, visit.until))
        .collect();
    assert_eq!(times, [(second(0), second(4)), (second(4), second(7))]);
}

#[tokio::test]
async fn task_over_its_limit_times_out_at_the_limit() {
    let states = one_task(
        json!({ "TimeoutSeconds": 5, "Retry": [{ "ErrorEquals": ["States.Timeout"], "IntervalSeconds": 2, "MaxAttempts": 1 }] }),
    );
    let script = Script::of([Outcome::never(), ok(json!(1)).after(seconds(5))]);
    let ended = run(&states, json!({}), &script).await;
    assert_eq!((script.seconds(), ended.at), (vec![0, 7], second(12)));
    assert_eq!(ended.status, Status::Succeeded(json!(1)));
    assert_eq!(
        ended.history.first().unwrap().error,
        Some(TaskError::new("States.Timeout", ""))
    );
}

#[tokio::test]
async fn machine_times_out_and_nothing_catches_it() {
    let mut states = one_task(
        json!({ "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "B" }], "Retry": [{ "ErrorEquals": ["States.ALL"] }] }),
    );
    states["B"] = json!({ "Type": "Succeed" });
    for script in [
        Script::of([Outcome::never()]),
        Script::of([ok(json!({})).after(seconds(10))]),
    ] {
        let ended = run_machine(&limited(10, &states), json!({}), &script).await;
        assert_eq!((ended.status, ended.at), (Status::TimedOut, second(10)));
        assert_eq!(script.calls().len(), 1);
    }
}

#[tokio::test]
async fn machine_that_is_done_before_its_limit_succeeds() {
    let script = Script::of([ok(json!(1)).after(seconds(9))]);
    let ended = run_machine(&limited(10, &one_task(json!({}))), json!({}), &script).await;
    assert_eq!(
        (ended.status, ended.at),
        (Status::Succeeded(json!(1)), second(9))
    );
}

#[tokio::test]
async fn machine_times_out_in_the_middle_of_a_delay_or_a_wait() {
    let waiting = json!({ "A": { "Type": "Wait", "Seconds": 60, "End": true } });
    let ended = run_machine(&limited(10, &waiting), json!({}), &Script::default()).await;
    assert_eq!((ended.status, ended.at), (Status::TimedOut, second(10)));
    let retrying = one_task(json!({ "Retry": [{ "ErrorEquals": ["X"], "IntervalSeconds": 60 }] }));
    let ended = run_machine(&limited(10, &retrying), json!({}), &Script::of([err("X")])).await;
    assert_eq!((ended.status, ended.at), (Status::TimedOut, second(10)));
}
