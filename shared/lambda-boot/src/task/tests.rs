//! Names of errors as Step Functions will see them.

use std::time::Duration;

use contracts::edge::Kind;
use contracts::errors::ErrorName;
use serde::Deserialize;
use serde_json::json;

use super::*;
use crate::telemetry::tests::Kept;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reserve {
    order_id: String,
    units: u32,
}

#[derive(Debug, Serialize)]
struct Reserved {
    units: u32,
}

#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("only {0} left")]
    OutOfStock(u32),
    #[error("the table did not answer")]
    Slow(#[source] std::fmt::Error),
}

impl EdgeError for Refused {
    fn kind(&self) -> Kind {
        self.name().kind()
    }

    fn name(&self) -> ErrorName {
        match self {
            Self::OutOfStock(_) => ErrorName::OutOfStock,
            Self::Slow(_) => ErrorName::Unavailable,
        }
    }
}

async fn reserve(command: Reserve) -> Result<Reserved, Refused> {
    assert!(!command.order_id.is_empty(), "an order without an id");
    match command.units {
        0 => Err(Refused::Slow(std::fmt::Error)),
        units @ 1..=5 => Ok(Reserved { units }),
        _ => Err(Refused::OutOfStock(5)),
    }
}

async fn error_of(input: Value) -> (String, String) {
    let error = answer(reserve, input).await.unwrap_err();
    (error.error_type, error.error_message)
}

#[tokio::test]
async fn answers_what_the_handler_returns() {
    let answer = answer(reserve, json!({"order_id": "o-1", "units": 2})).await;
    assert_eq!(answer, Ok(json!({"units": 2})));
}

#[tokio::test]
async fn an_error_has_its_stable_name_and_detail() {
    let (name, message) = error_of(json!({"order_id": "o-1", "units": 9})).await;
    assert_eq!(
        (name.as_str(), message.as_str()),
        ("OutOfStock", "only 5 left")
    );
}

#[tokio::test]
async fn input_that_cannot_be_read_is_bad_input() {
    for input in [
        json!({"order_id": "o-1"}),
        json!({"order_id": "o-1", "units": -1}),
        json!({"order_id": "o-1", "units": 1, "extra": true}),
        json!(null),
        json!([]),
    ] {
        let (name, message) = error_of(input).await;
        assert_eq!(name, "BadInput");
        assert!(message.starts_with("cannot read the input"), "{message}");
    }
}

#[tokio::test]
async fn a_panic_is_internal_and_says_nothing_to_the_caller() {
    let (name, message) = error_of(json!({"order_id": "", "units": 1})).await;
    assert_eq!((name.as_str(), message.as_str()), ("Internal", "panicked"));
}

#[tokio::test]
async fn a_handler_that_hangs_is_unavailable() {
    let hangs = |_: Value| std::future::pending::<Result<(), Refused>>();
    let budget = Budget::of(Duration::from_millis(1));
    let error = answer_within(hangs, json!({}), budget).await.unwrap_err();
    assert_eq!(error.error_type, "Unavailable");
}

#[tokio::test]
async fn one_line_is_logged_with_the_order_and_the_whole_chain() {
    let log = Kept::default();
    let guard = log.install();
    let input = json!({"order_id": "o-1", "units": 0});
    assert!(answer(reserve, input).await.is_err());
    drop(guard);
    let mut lines = log.lines();
    assert_eq!(lines.len(), 1);
    let line = lines[0].as_object_mut().unwrap();
    assert!(line.remove("duration_ms").unwrap().is_u64());
    let expected = json!({
        "level": "WARN", "function": "inventory", "order.id": "o-1", "message": "invocation",
        "outcome": "Unavailable",
        "error": "the table did not answer: an error occurred when formatting an argument",
    });
    assert_eq!(Value::Object(line.clone()), expected);
}

#[tokio::test]
async fn the_trace_of_a_command_is_in_its_line_and_not_in_the_command() {
    let log = Kept::default();
    let guard = log.install();
    let input = json!({"order_id": "o-1", "units": 1, "trace": "00-a-b-01"});
    assert_eq!(answer(reserve, input).await, Ok(json!({"units": 1})));
    drop(guard);
    assert_eq!(log.lines()[0]["traceparent"], "00-a-b-01");
}

#[tokio::test]
async fn handlers_may_borrow_what_they_use() {
    let shelf = String::from("shelf");
    let shelf = &shelf;
    let handler = |units: u32| async move { Ok::<_, Refused>(format!("{shelf} {units}")) };
    assert_eq!(answer(handler, json!(3)).await, Ok(json!("shelf 3")));
}

#[tokio::test]
async fn answers_can_be_spawned() {
    let task = tokio::spawn(answer(reserve, json!({"order_id": "o-1", "units": 1})));
    assert_eq!(task.await.unwrap(), Ok(json!({"units": 1})));
}
