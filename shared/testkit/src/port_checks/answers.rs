//! Checks of [`ShareAnswers`].

use std::time::Duration;

use domain::ports::ShareAnswers;
use futures::future::join_all;

use crate::must;

/// Tests a place for answers; give a future of an empty one.
#[macro_export]
macro_rules! check_answers {
    ($fresh:expr) => {
        $crate::each_check!(
            answers,
            $fresh,
            [
                has_no_answer_at_first,
                keeps_any_bytes_by_name,
                keeps_the_last_one_of_a_name,
                forgets_an_answer_in_time,
                lets_one_of_many_make_an_answer,
                lets_another_make_it_in_time,
            ]
        );
    };
}

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(200);
/// How often it is looked whether something is over.
const LOOKS: u32 = 500;

/// Waits until it is so.
async fn until(so: impl AsyncFn() -> bool) {
    for _ in 0..LOOKS {
        if so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never was so");
}

/// Nothing is there before it was put in.
pub async fn has_no_answer_at_first(place: &impl ShareAnswers) {
    assert_eq!(must(place.answer("a").await), None);
}

/// Bytes of all kinds come back, each under its own name.
pub async fn keeps_any_bytes_by_name(place: &impl ShareAnswers) {
    let all: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    for (name, answer) in [("a", all.as_slice()), ("a:b c\n", b""), ("ä", b"x")] {
        must(place.keep_answer(name, answer, LONG).await);
    }
    assert_eq!(must(place.answer("a").await), Some(all));
    assert_eq!(must(place.answer("a:b c\n").await), Some(Vec::new()));
    assert_eq!(must(place.answer("ä").await), Some(b"x".to_vec()));
    assert_eq!(must(place.answer("b").await), None);
}

/// Another answer takes its place.
pub async fn keeps_the_last_one_of_a_name(place: &impl ShareAnswers) {
    for answer in [b"one", b"two"] {
        must(place.keep_answer("a", answer, LONG).await);
    }
    assert_eq!(must(place.answer("a").await), Some(b"two".to_vec()));
}

/// What was to be kept for a while is gone after it.
pub async fn forgets_an_answer_in_time(place: &impl ShareAnswers) {
    must(place.keep_answer("a", b"one", SHORT).await);
    must(place.keep_answer("b", b"two", LONG).await);
    until(async || must(place.answer("a").await).is_none()).await;
    assert_eq!(must(place.answer("b").await), Some(b"two".to_vec()));
}

/// Of all who want to make an answer one does; an answer by that name is something else.
pub async fn lets_one_of_many_make_an_answer(place: &impl ShareAnswers) {
    let claims = join_all((0..8).map(|_| place.claim_answer("a", LONG))).await;
    let claimed = claims.into_iter().map(must).filter(|claimed| *claimed);
    assert_eq!(claimed.count(), 1);
    assert_eq!(must(place.answer("a").await), None);
    assert!(must(place.claim_answer("b", LONG).await));
}

/// Whoever claimed it holds it for a while only.
pub async fn lets_another_make_it_in_time(place: &impl ShareAnswers) {
    assert!(must(place.claim_answer("a", SHORT).await));
    until(async || must(place.claim_answer("a", SHORT).await)).await;
}
