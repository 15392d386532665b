//! Step by step, several executions on one clock.

use super::*;
use crate::asl::Progress;

fn two_steps() -> Arc<Machine> {
    machine(&json!({
        "A": { "Type": "Task", "Resource": "first", "Next": "Pause" },
        "Pause": { "Type": "Wait", "SecondsPath": "$$.Execution.Input.pause", "Next": "B" },
        "B": { "Type": "Task", "Resource": "second", "End": true }
    }))
}

/// Always steps the execution that is due first, the earlier in the list when several are.
async fn run_all(executions: &mut [Execution], script: &Script) {
    while let Some(next) = executions
        .iter_mut()
        .filter(|one| one.ended().is_none())
        .min_by_key(|one| one.due())
    {
        next.step(script).await;
    }
}

#[tokio::test]
async fn executions_on_one_clock_take_turns_by_time() {
    let clock = VirtualClock::at(Timestamp::UNIX_EPOCH);
    let machine = two_steps();
    let start = |name: &str, pause: u64| {
        Execution::start(&machine, name, json!({ "pause": pause }), &clock)
    };
    let mut executions = [start("slow", 9), start("quick", 2)];
    let script = Script::default();
    run_all(&mut executions, &script).await;
    let order: Vec<_> = script
        .calls()
        .into_iter()
        .map(|call| (call.execution, call.resource, call.second))
        .collect();
    let expected = [
        ("slow", "first", 0),
        ("quick", "first", 0),
        ("quick", "second", 2),
        ("slow", "second", 9),
    ];
    assert_eq!(
        order,
        expected.map(|(name, resource, at)| (name.to_owned(), resource.to_owned(), at))
    );
    assert_eq!(clock.now(), second(9));
}

#[tokio::test]
async fn one_step_is_one_attempt() {
    let clock = VirtualClock::at(second(100));
    let mut execution = Execution::start(&two_steps(), "x", json!({ "pause": 7 }), &clock);
    let script = Script::of([
        ok(json!({})).after(seconds(3)),
        ok(json!("done")).after(seconds(1)),
    ]);
    assert_eq!(
        (execution.due(), execution.state()),
        (second(100), Some("A"))
    );
    assert_eq!(execution.step(&script).await, Progress::Due(second(103)));
    assert_eq!((clock.now(), script.calls().len()), (second(100), 1));
    assert_eq!(execution.step(&script).await, Progress::Due(second(110)));
    assert_eq!(execution.step(&script).await, Progress::Due(second(111)));
    assert_eq!((execution.state(), execution.ended()), (None, None));
    let Progress::Ended(ended) = execution.step(&script).await else {
        panic!()
    };
    assert_eq!(
        (&ended.status, ended.at),
        (&Status::Succeeded(json!("done")), second(111))
    );
    assert_eq!(ended.events, 2 + 5 + 2 + 5);
    assert_eq!(execution.step(&script).await, Progress::Ended(ended));
    assert_eq!(script.calls().len(), 2);
}

#[tokio::test]
async fn execution_overtaken_by_the_clock_goes_on_at_the_present() {
    let clock = VirtualClock::at(second(0));
    let mut execution = Execution::start(&two_steps(), "x", json!({ "pause": 5 }), &clock);
    let script = Script::default();
    execution.step(&script).await;
    clock.advance_by(seconds(60));
    execution.run_on(&script).await;
    assert_eq!(script.seconds(), [0, 65]);
}

#[tokio::test]
async fn clock_never_goes_back() {
    let clock = VirtualClock::at(second(10));
    clock.clone().advance_to(second(5));
    assert_eq!(clock.now(), second(10));
    clock.advance_by(Duration::MAX);
    assert_eq!(clock.now(), Timestamp::MAX);
}
