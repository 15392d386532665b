//! When and how often a task is tried again.

use super::*;

fn retries(retry: Value) -> Value {
    one_task(json!({ "Retry": retry }))
}

#[tokio::test]
async fn retries_three_times_with_doubling_delays_by_default() {
    let script = Script::of([err("X"), err("X"), err("X"), err("X"), ok(json!(1))]);
    let ended = run(
        &retries(json!([{ "ErrorEquals": ["X"] }])),
        json!({}),
        &script,
    )
    .await;
    assert_eq!(error_of(&ended), "X");
    assert_eq!(script.seconds(), [0, 1, 3, 7]);
    assert_eq!(
        script
            .calls()
            .iter()
            .map(|call| call.attempt)
            .collect::<Vec<_>>(),
        [1, 2, 3, 4]
    );
}

#[tokio::test]
async fn backs_off_by_the_rate_up_to_the_longest_delay() {
    let script = Script::of((0..5).map(|_| err("X")));
    let retry = json!([{ "ErrorEquals": ["X"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxDelaySeconds": 10, "MaxAttempts": 5 }]);
    let ended = run(&retries(retry), json!({}), &script).await;
    assert_eq!(ended.status, Status::Succeeded(json!({})));
    assert_eq!(script.seconds(), [0, 2, 8, 18, 28, 38]);
}

#[tokio::test]
async fn no_attempts_means_no_retry() {
    let script = Script::of([err("X")]);
    run(
        &retries(
            json!([{ "ErrorEquals": ["X"], "MaxAttempts": 0 }, { "ErrorEquals": ["States.ALL"] }]),
        ),
        json!({}),
        &script,
    )
    .await;
    assert_eq!(script.calls().len(), 1);
}

#[tokio::test]
async fn first_matching_retrier_decides_and_each_counts_its_own() {
    let retry = json!([
        { "ErrorEquals": ["A", "B"], "IntervalSeconds": 1, "BackoffRate": 2, "MaxAttempts": 2 },
        { "ErrorEquals": ["C"], "IntervalSeconds": 5, "MaxAttempts": 3 },
        { "ErrorEquals": ["States.ALL"], "MaxAttempts": 9 }
    ]);
    let script = Script::of([err("A"), err("B"), err("C"), err("B")]);
    let ended = run(&retries(retry), json!({}), &script).await;
    assert_eq!(error_of(&ended), "B");
    assert_eq!(script.seconds(), [0, 1, 3, 8]);
}

#[tokio::test]
async fn counts_begin_anew_with_each_entry() {
    let states = json!({
        "A": { "Type": "Task", "Resource": "r", "Retry": [{ "ErrorEquals": ["X"], "MaxAttempts": 1 }],
               "Catch": [{ "ErrorEquals": ["X"], "Next": "A" }], "End": true }
    });
    let script = Script::of([err("X"), err("X"), err("X"), ok(json!(1))]);
    run(&states, json!({}), &script).await;
    assert_eq!(
        script
            .calls()
            .iter()
            .map(|call| call.attempt)
            .collect::<Vec<_>>(),
        [1, 2, 1, 2]
    );
}

#[tokio::test]
async fn task_failed_takes_all_errors_but_the_time_limit() {
    let states = one_task(
        json!({ "TimeoutSeconds": 5, "Retry": [{ "ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 9 }] }),
    );
    let script = Script::of([err("Anything"), ok(json!({})).after(seconds(6))]);
    let ended = run(&states, json!({}), &script).await;
    assert_eq!(error_of(&ended), "States.Timeout");
    assert_eq!(script.calls().len(), 2);
}

#[tokio::test]
async fn terminal_errors_are_never_retried() {
    for name in ["States.Runtime", "States.DataLimitExceeded"] {
        let script = Script::of([err(name)]);
        run(
            &retries(json!([{ "ErrorEquals": ["States.ALL"] }])),
            json!({}),
            &script,
        )
        .await;
        assert_eq!(script.calls().len(), 1);
    }
}

#[tokio::test]
async fn jitter_stays_below_the_delay_and_repeats_with_its_seed() {
    let states = retries(
        json!([{ "ErrorEquals": ["X"], "IntervalSeconds": 8, "MaxAttempts": 4, "BackoffRate": 1, "JitterStrategy": "FULL" }]),
    );
    let machine = machine(&states);
    let run = async |seed: Option<u64>| {
        let execution = Execution::start(
            &machine,
            "x",
            json!({}),
            &VirtualClock::at(Timestamp::UNIX_EPOCH),
        );
        let mut execution = match seed {
            Some(seed) => execution.with_jitter(seed),
            None => execution,
        };
        let ended = execution
            .run_on(&Script::of((0..4).map(|_| err("X"))))
            .await;
        ended
            .history
            .iter()
            .map(|visit| visit.at.as_millisecond())
            .collect::<Vec<_>>()
    };
    assert_eq!(run(None).await, [0, 8_000, 16_000, 24_000, 32_000]);
    let first = run(Some(1)).await;
    assert_eq!(first, run(Some(1)).await);
    assert_ne!(first, run(Some(2)).await);
    assert!(
        first.is_sorted()
            && first
                .iter()
                .zip(first.iter().skip(1))
                .all(|(a, b)| b - a <= 8_000),
        "{first:?}"
    );
}
