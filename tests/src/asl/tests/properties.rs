//! What holds for every machine and every run of errors.

use proptest::prelude::*;

use super::*;

const ERRORS: [&str; 5] = ["A", "B", "C", "States.Timeout", "States.Runtime"];

fn retriers() -> impl Strategy<Value = Vec<Value>> {
    let names = prop::sample::subsequence(
        &["A", "B", "C", "States.TaskFailed", "States.Timeout"][..],
        1..=3,
    );
    let retrier = (names, 0..4_u64, 1..5_u64, 1.0..3.0).prop_map(|(names, max, interval, rate)| {
        json!({ "ErrorEquals": names, "MaxAttempts": max, "IntervalSeconds": interval, "BackoffRate": rate, "JitterStrategy": "FULL" })
    });
    (prop::collection::vec(retrier, 0..4), any::<bool>()).prop_map(|(mut retriers, all)| {
        retriers.extend(all.then(|| json!({ "ErrorEquals": ["States.ALL"], "MaxAttempts": 2 })));
        retriers
    })
}

fn run_once(states: &Value, errors: &[&str], seed: u64) -> (Ended, usize) {
    let script = Script::of(errors.iter().map(|name| err(name)));
    let mut execution = Execution::start(
        &machine(states),
        "x",
        json!({}),
        &VirtualClock::at(second(0)),
    )
    .with_jitter(seed);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let ended = runtime.block_on(execution.run_on(&script));
    (ended, script.calls().len())
}

proptest! {
    #[test]
    fn retries_never_exceed_the_sum_of_max_attempts(
        retriers in retriers(),
        errors in prop::collection::vec(prop::sample::select(&ERRORS[..]), 30),
        seed: u64,
    ) {
        let allowed: u64 = retriers.iter().filter_map(|retrier| retrier["MaxAttempts"].as_u64()).sum();
        let states = one_task(json!({ "Retry": retriers }));
        let (ended, calls) = run_once(&states, &errors, seed);
        prop_assert!(u64::try_from(calls).unwrap() <= 1 + allowed);
        prop_assert_eq!(ended.history.len(), calls);
        prop_assert!(errors.get(..calls - 1).unwrap().iter().all(|name| *name != "States.Runtime"));
        prop_assert!(ended.history.is_sorted_by_key(|visit| visit.at));
        prop_assert_eq!((ended, calls), run_once(&states, &errors, seed), "the same seed, the same run");
    }
}
