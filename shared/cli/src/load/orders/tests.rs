//! Orders that come, and what is said of them.

use clap::Parser;
use tokio::time::sleep;

use super::super::Load;
use super::*;
use crate::{Arguments, Command};

fn orders(line: &str) -> Orders {
    let line = format!("cartwright load orders --line p-0001=1 {line}");
    let arguments = Arguments::try_parse_from(line.split_whitespace()).unwrap();
    match arguments.command {
        Command::Load(Load::Orders(orders)) => *orders,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn all_that_are_due_come_and_their_answers_are_counted() {
    let orders = orders("--rate 200 --seconds 1 --even");
    let number = std::cell::Cell::new(0);
    let place = || {
        number.set(number.get() + 1);
        let answer = if number.get() % 4 == 0 { "429" } else { "201" };
        async move { answer.to_owned() }
    };
    let report = orders.let_come(place).await.unwrap();
    assert_eq!((report.orders, report.latency.count), (200, 200));
    assert_eq!(
        report.answers,
        [("201".to_owned(), 150), ("429".to_owned(), 50)].into()
    );
    assert!(report.to_string().contains("150 201"), "{report}");
}

/// Each takes 20 ms and they go one by one, but all are due at once: the last waits for all others.
#[tokio::test]
async fn who_waits_to_be_sent_is_served_as_late_as_they_were_due() {
    let orders = orders("--rate 10000 --seconds 1 --even --at-once 1");
    let due = Instant::now();
    let places = Arc::new(Semaphore::new(orders.at_once));
    let placing = || async {
        sleep(Duration::from_millis(20)).await;
        "201".to_owned()
    };
    let one = || one(due, Arc::clone(&places), placing());
    let (first, second, third) = tokio::join!(one(), one(), one());
    assert!(first.1 < second.1 && second.1 < third.1);
    assert!(third.1 >= Duration::from_millis(60), "{third:?}");
}

#[test]
fn arrivals_end_after_their_time_and_are_the_same_for_the_same_seed() {
    assert_eq!(orders("--rate 5 --seconds 4 --even").arrivals().len(), 20);
    let random = |seed: u64| orders(&format!("--rate 5 --seconds 100 --seed {seed}")).arrivals();
    assert_eq!(random(1), random(1));
    assert_ne!(random(1), random(2));
    assert!((400..=600).contains(&random(1).len()));
}

#[test]
fn a_rate_is_more_than_none() {
    for wrong in ["0", "-1", "NaN", "inf", "x", "100001"] {
        assert!(rate(wrong).is_err(), "{wrong}");
    }
    assert_eq!(rate("0.5"), Ok(0.5));
}

#[test]
fn an_answer_is_called_by_its_status() {
    assert_eq!(answer(Ok(())), "201");
    let refused = ApiError::Refused {
        status: 429,
        problem: String::new(),
    };
    assert_eq!(answer(Err(refused)), "429");
    assert_eq!(answer(Err(ApiError::Address)), "unreachable");
}
