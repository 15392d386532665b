//! Runs of one key against claims in memory.

use std::cell::Cell;
use std::convert::Infallible;

use jiff::{SignedDuration, Timestamp};
use testkit::build::at;
use testkit::fakes::{FakeClaims, Fault};
use testkit::must;
use uuid::Uuid;

use idempotency::{
    Answer, Claim, Failed, Fingerprint, KeepClaims, Key, Outcome, Request, RunError, Write, run,
};

fn request(run: u128, asked: &str, write: Write, now: Timestamp) -> Request {
    let claim = Claim {
        key: Key::of(&["shop", "alice", "key-1"]),
        id: Uuid::from_u128(run),
        fingerprint: Fingerprint::of(&[asked.as_bytes()]),
        deadline: now + SignedDuration::from_secs(30),
        expires: now + SignedDuration::from_hours(24),
    };
    Request { claim, write, now }
}

fn answer(text: &str) -> Answer {
    Answer {
        status: 201,
        headers: vec![("location".to_owned(), "/there".to_owned())],
        body: text.as_bytes().to_vec(),
    }
}

/// Runs work that succeeds, and counts it.
async fn run_with(
    store: &FakeClaims,
    request: &Request,
    effects: &Cell<u32>,
) -> Result<Outcome, String> {
    let work = async || -> Result<Answer, Failed<Infallible>> {
        effects.set(effects.get() + 1);
        Ok(answer(&format!("effect {}", effects.get())))
    };
    let outcome = run(store, request, work).await;
    outcome.map_err(|error| error.to_string())
}

/// Leaves a claim behind, as a process does that dies at its work.
async fn die(store: &FakeClaims, request: &Request) {
    must(store.claim(&request.claim, None, request.now).await);
}

#[tokio::test]
async fn the_first_run_does_the_work_and_repeats_get_its_answer() {
    let (store, effects) = (FakeClaims::default(), Cell::new(0));
    let first = run_with(&store, &request(1, "a", Write::Once, at(0)), &effects).await;
    assert_eq!(first, Ok(Outcome::First(answer("effect 1"))));
    for again in 2..5 {
        let again = request(again, "a", Write::Once, at(60));
        let replay = run_with(&store, &again, &effects).await;
        assert_eq!(replay, Ok(Outcome::Replay(answer("effect 1"))));
    }
    assert_eq!(effects.get(), 1);
}

#[tokio::test]
async fn a_key_that_comes_with_another_request_is_refused() {
    let (store, effects) = (FakeClaims::default(), Cell::new(0));
    let conditional = Write::Conditional;
    must(run_with(&store, &request(1, "a", conditional, at(0)), &effects).await);
    let other = request(2, "b", conditional, at(1));
    let refused = run_with(&store, &other, &effects).await;
    assert_eq!(refused, Ok(Outcome::OtherRequest));
    let store = FakeClaims::default();
    die(&store, &request(1, "a", conditional, at(0))).await;
    let late = request(2, "b", conditional, at(60));
    let refused = run_with(&store, &late, &effects).await;
    assert_eq!(
        refused,
        Ok(Outcome::OtherRequest),
        "not even past the deadline"
    );
    assert_eq!(effects.get(), 1);
}

#[tokio::test]
async fn a_second_run_waits_while_the_first_may_be_at_work() {
    for write in [Write::Once, Write::Conditional] {
        let (store, effects) = (FakeClaims::default(), Cell::new(0));
        die(&store, &request(1, "a", write, at(0))).await;
        let second = run_with(&store, &request(2, "a", write, at(29)), &effects).await;
        assert_eq!(second, Ok(Outcome::Running(at(30))));
        assert_eq!(effects.get(), 0);
    }
}

#[tokio::test]
async fn past_its_deadline_only_a_conditional_write_runs_again() {
    let (store, effects) = (FakeClaims::default(), Cell::new(0));
    die(&store, &request(1, "a", Write::Conditional, at(0))).await;
    let again = request(2, "a", Write::Conditional, at(30));
    let first = run_with(&store, &again, &effects).await;
    assert_eq!(first, Ok(Outcome::First(answer("effect 1"))));

    let (store, effects) = (FakeClaims::default(), Cell::new(0));
    die(&store, &request(1, "a", Write::Once, at(0))).await;
    let stuck = run_with(&store, &request(2, "a", Write::Once, at(3600)), &effects).await;
    assert_eq!(stuck, Ok(Outcome::Stuck));
    assert_eq!(effects.get(), 0);
}

#[tokio::test]
async fn a_run_that_was_taken_over_gives_the_answer_that_is_stored() {
    let store = FakeClaims::default();
    let slow = request(1, "a", Write::Conditional, at(0));
    let work = async || -> Result<Answer, Failed<Infallible>> {
        let effects = Cell::new(0);
        let other = request(2, "a", Write::Conditional, at(40));
        let taken_over = run_with(&store, &other, &effects).await;
        assert_eq!(taken_over, Ok(Outcome::First(answer("effect 1"))));
        Ok(answer("the slow one's"))
    };
    let outcome = must(run(&store, &slow, work).await);
    assert_eq!(outcome, Outcome::Replay(answer("effect 1")));
}

#[tokio::test]
async fn a_run_that_was_taken_over_by_one_at_work_gives_no_answer() {
    let store = FakeClaims::default();
    let slow = request(1, "a", Write::Conditional, at(0));
    let other = request(2, "a", Write::Conditional, at(40));
    let work = async || -> Result<Answer, Failed<Infallible>> {
        must(store.claim(&other.claim, Some(slow.claim.id), at(40)).await);
        Ok(answer("the slow one's"))
    };
    let outcome = must(run(&store, &slow, work).await);
    assert_eq!(outcome, Outcome::Running(other.claim.deadline));
}

#[tokio::test]
async fn work_that_failed_gives_the_key_back_where_that_is_safe() {
    let nothing: fn(&'static str) -> Failed<&'static str> = Failed::Nothing;
    for (failure, write, free) in [
        (nothing, Write::Once, true),
        (nothing, Write::Conditional, true),
        (Failed::Unknown, Write::Conditional, true),
        (Failed::Unknown, Write::Once, false),
    ] {
        let (store, effects) = (FakeClaims::default(), Cell::new(0));
        let failing = async || Err(failure("failed"));
        let failed = run(&store, &request(1, "a", write, at(0)), failing).await;
        assert_eq!(failed.unwrap_err().to_string(), "failed");
        must(run_with(&store, &request(2, "a", write, at(1)), &effects).await);
        assert_eq!(effects.get() == 1, free, "{write:?}");
    }
}

#[tokio::test]
async fn nothing_is_done_without_a_claim() {
    let (store, effects) = (FakeClaims::default(), Cell::new(0));
    store.fail_next_write(Fault::FailBefore);
    let failed = run_with(&store, &request(1, "a", Write::Once, at(0)), &effects).await;
    assert_eq!(failed, Err("the claim could not be kept".to_owned()));
    assert_eq!(effects.get(), 0);
}

#[tokio::test]
async fn an_answer_that_could_not_be_stored_is_not_given() {
    let (store, effects) = (FakeClaims::default(), Cell::new(0));
    let first = request(1, "a", Write::Conditional, at(0));
    let work = async || -> Result<Answer, Failed<Infallible>> {
        store.fail_next_write(Fault::FailBefore);
        Ok(answer("lost"))
    };
    let lost = run(&store, &first, work).await;
    assert!(matches!(lost, Err(RunError::Store(_))), "{lost:?}");
    let again = request(2, "a", Write::Conditional, at(31));
    let again = run_with(&store, &again, &effects).await;
    assert_eq!(again, Ok(Outcome::First(answer("effect 1"))));
}

#[tokio::test]
async fn a_run_knows_its_own_claim_and_answer_again() {
    let (store, effects) = (FakeClaims::default(), Cell::new(0));
    let first = request(1, "a", Write::Once, at(0));
    die(&store, &first).await;
    // The same claim sent again, as after an answer that was lost on the way.
    let outcome = run_with(&store, &first, &effects).await;
    assert_eq!(outcome, Ok(Outcome::First(answer("effect 1"))));
    let store = FakeClaims::default();
    let work = async || -> Result<Answer, Failed<Infallible>> {
        must(store.complete(&first.claim, &answer("mine")).await);
        Ok(answer("mine"))
    };
    let outcome = must(run(&store, &first, work).await);
    assert_eq!(outcome, Outcome::First(answer("mine")));
}

#[tokio::test]
async fn a_key_that_expired_means_another_request() {
    let (store, effects) = (FakeClaims::default(), Cell::new(0));
    must(run_with(&store, &request(1, "a", Write::Once, at(0)), &effects).await);
    let day = 24 * 3600;
    let late = request(2, "b", Write::Once, at(day + 1));
    must(run_with(&store, &late, &effects).await);
    assert_eq!(effects.get(), 2);
}

#[test]
fn parts_that_run_together_differently_are_different_keys() {
    assert_ne!(Key::of(&["ab", "c"]), Key::of(&["a", "bc"]));
    assert_ne!(Key::of(&["a", ""]), Key::of(&["a"]));
    let fingerprint = |parts: &[&[u8]]| Fingerprint::of(parts);
    assert_ne!(fingerprint(&[b"ab", b"c"]), fingerprint(&[b"a", b"bc"]));
    assert_eq!(Key::of(&["a", "b"]), Key::of(&["a", "b"]));
}
