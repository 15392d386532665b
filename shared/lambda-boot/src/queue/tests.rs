//! What goes back to the queue, and what does not.

use std::cell::RefCell;
use std::time::Duration;

use contracts::edge::Kind;
use contracts::errors::ErrorName;
use serde_json::json;

use super::*;
use crate::telemetry::tests::Kept;

#[derive(Debug, thiserror::Error)]
#[error("no")]
struct No;

impl EdgeError for No {
    fn kind(&self) -> Kind {
        Kind::Retryable
    }

    fn name(&self) -> ErrorName {
        ErrorName::Unavailable
    }
}

/// A batch of (message id, group, body).
fn batch(messages: &[(&str, Option<&str>, &str)]) -> Value {
    let record = |(id, group, body): &(&str, Option<&str>, &str)| {
        let mut attributes = json!({"ApproximateReceiveCount": "1", "SenderId": "x"});
        if let Some(group) = group {
            attributes["MessageGroupId"] = json!(group);
        }
        json!({
            "messageId": id, "receiptHandle": "r", "body": body, "attributes": attributes,
            "messageAttributes": {}, "md5OfBody": "", "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:notify.fifo",
            "awsRegion": "us-east-1",
        })
    };
    json!({"Records": messages.iter().map(record).collect::<Vec<_>>()})
}

/// Delivers a batch; bodies that are 0 fail. Tells what was tried and what goes back.
async fn deliver_all(messages: &[(&str, Option<&str>, &str)]) -> (Vec<u32>, Value) {
    let tried = RefCell::new(Vec::new());
    let handler = async |body: u32| {
        tried.borrow_mut().push(body);
        if body == 0 { Err(No) } else { Ok(()) }
    };
    let answer = answer(handler, batch(messages)).await.unwrap();
    (tried.take(), serde_json::to_value(answer).unwrap())
}

#[tokio::test]
async fn a_handler_that_wants_attributes_gets_their_texts() {
    let mut event = batch(&[("1", None, "7")]);
    event["Records"][0]["messageAttributes"] = json!({
        "author": {"stringValue": "ada", "dataType": "String", "binaryListValues": []},
        "bytes": {"binaryValue": "AA==", "dataType": "Binary"},
    });
    let handler = async |message: Labelled<u32>| {
        assert_eq!(message.body, 7);
        assert_eq!(message.attribute("author"), Some("ada"));
        assert_eq!(message.attribute("bytes"), None);
        assert_eq!(message.attribute("none"), None);
        Ok::<(), No>(())
    };
    let answer = answer(handler, event).await.unwrap();
    assert_eq!(answer.returned().count(), 0);
}

fn returned(ids: &[&str]) -> Value {
    let item = |id: &&str| json!({"itemIdentifier": id});
    json!({"batchItemFailures": ids.iter().map(item).collect::<Vec<_>>()})
}

#[tokio::test]
async fn nothing_goes_back_when_all_goes_well() {
    let (tried, answer) = deliver_all(&[("a", Some("g"), "1"), ("b", Some("g"), "2")]).await;
    assert_eq!(tried, [1, 2]);
    assert_eq!(answer, returned(&[]));
}

#[tokio::test]
async fn after_a_failure_the_rest_of_its_group_goes_back_untried_and_other_groups_go_on() {
    let (tried, answer) = deliver_all(&[
        ("a", Some("g"), "1"),
        ("b", Some("g"), "0"),
        ("c", Some("h"), "3"),
        ("d", Some("g"), "4"),
        ("e", Some("h"), "5"),
    ])
    .await;
    assert_eq!(tried, [1, 0, 3, 5]);
    assert_eq!(answer, returned(&["b", "d"]));
}

/// What can be held is not to follow what cannot be applied to the dead letters.
#[tokio::test]
async fn an_inbox_is_given_what_comes_behind_a_failure() {
    let tried = RefCell::new(Vec::new());
    let handler = async |body: u32| {
        tried.borrow_mut().push(body);
        if body == 0 { Err(No) } else { Ok(()) }
    };
    let event = batch(&[
        ("a", Some("g"), "1"),
        ("b", Some("g"), "0"),
        ("c", Some("g"), "3"),
        ("d", Some("h"), "0"),
        ("e", Some("h"), "5"),
    ]);
    let has_inbox = |group: &str| group == "g";
    let answer = answer_of_inbox(has_inbox, handler, event).await.unwrap();
    assert_eq!(tried.into_inner(), [1, 0, 3, 0]);
    assert_eq!(answer.returned().collect::<Vec<_>>(), ["b", "d", "e"]);
}

/// Each of two groups waits for the other one to begin.
#[tokio::test]
async fn groups_run_beside_each_other() {
    let both = tokio::sync::Barrier::new(2);
    let handler = async |_: u32| {
        both.wait().await;
        Ok::<_, No>(())
    };
    let event = batch(&[("a", Some("g"), "1"), ("b", Some("h"), "2")]);
    let budget = Budget::of(Duration::from_secs(60));
    let answer = answer_within(handler, event, Behind::GoBack, budget)
        .await
        .unwrap();
    assert_eq!(answer.returned().count(), 0);
}

#[tokio::test]
async fn messages_without_a_group_do_not_hold_each_other_up() {
    let (tried, answer) = deliver_all(&[("a", None, "0"), ("b", None, "2")]).await;
    assert_eq!(tried, [0, 2]);
    assert_eq!(answer, returned(&["a"]));
}

#[tokio::test]
async fn a_message_that_cannot_be_read_goes_back_and_blocks_its_group() {
    for body in ["", "not json", "-1", "1 2", "{\"a\":1}"] {
        let (tried, answer) = deliver_all(&[("a", Some("g"), body), ("b", Some("g"), "2")]).await;
        assert_eq!(tried, [0_u32; 0], "{body}");
        assert_eq!(answer, returned(&["a", "b"]), "{body}");
    }
}

#[tokio::test]
async fn a_panic_costs_its_own_message_only() {
    let handler = async |body: u32| {
        assert_ne!(body, 0, "a made-up invariant");
        Ok::<_, No>(())
    };
    let event = batch(&[("a", Some("g"), "0"), ("b", Some("h"), "2")]);
    let answer = answer(handler, event).await.unwrap();
    assert_eq!(answer.returned().collect::<Vec<_>>(), ["a"]);
}

#[tokio::test]
async fn what_is_not_done_in_time_goes_back() {
    let handler = async |body: u32| {
        if body == 0 {
            std::future::pending::<()>().await;
        }
        Ok::<_, No>(())
    };
    let event = batch(&[
        ("a", Some("g"), "1"),
        ("b", Some("h"), "0"),
        ("c", Some("i"), "0"),
    ]);
    let budget = Budget::of(Duration::from_millis(50));
    let answer = answer_within(handler, event, Behind::GoBack, budget)
        .await
        .unwrap();
    assert_eq!(answer.returned().collect::<Vec<_>>(), ["b", "c"]);
}

#[tokio::test]
async fn an_event_with_a_nameless_message_fails_as_a_whole() {
    let handler = async |_: Value| Ok::<_, No>(());
    for event in [batch(&[("", Some("g"), "1")]), json!({}), json!(null)] {
        let error = answer(handler, event).await.unwrap_err();
        assert_eq!(error.error_type, "BadInput");
    }
}

#[tokio::test]
async fn a_failed_message_is_logged_with_its_id_and_without_its_body() {
    let log = Kept::default();
    let guard = log.install();
    let handler = async |_: u32| Ok::<_, No>(());
    let event = batch(&[("a", Some("g"), "\"someone@example.org\"")]);
    assert!(answer(handler, event).await.is_ok());
    drop(guard);
    let lines = log.lines();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["message_id"], "a");
    assert_eq!(lines[0]["outcome"], "BadInput");
    assert_eq!(lines[1]["outcome"], "partial");
    assert_eq!(lines[1]["failed"], 1);
    assert!(!format!("{lines:?}").contains("someone"));
}

#[tokio::test]
async fn a_failed_envelope_is_logged_with_what_it_says_of_itself() {
    let log = Kept::default();
    let guard = log.install();
    let envelope = json!({"id": "o-1/3", "subject": "o-1", "traceparent": "00-a-b-01", "data": 1});
    let event = batch(&[("a", Some("g"), &envelope.to_string())]);
    assert!(answer(async |_: Value| Err(No), event).await.is_ok());
    drop(guard);
    let line = log.lines().swap_remove(0);
    let expected = json!({
        "level": "WARN", "function": "inventory", "message_id": "a", "event.id": "o-1/3",
        "subject": "o-1", "traceparent": "00-a-b-01", "message": "message goes back",
        "outcome": "Unavailable", "error": "no",
    });
    assert_eq!(line, expected);
}

/// Delivers a batch at once; bodies that are 0 fail, and where one is 9 nothing is said of what comes after it.
async fn deliver_together(messages: &[(&str, Option<&str>, &str)]) -> (Vec<u32>, Value) {
    let tried = RefCell::new(Vec::new());
    let handler = async |bodies: Vec<u32>| {
        tried.borrow_mut().extend(&bodies);
        let said = bodies.iter().take_while(|body| **body != 9);
        said.map(|body| if *body == 0 { Err(No) } else { Ok(()) })
            .collect::<Vec<_>>()
    };
    let answer = answer_together(handler, batch(messages)).await.unwrap();
    (tried.take(), serde_json::to_value(answer).unwrap())
}

#[tokio::test]
async fn of_messages_that_are_taken_together_those_go_back_that_failed_or_cannot_be_read() {
    let messages = [
        ("1", None, "5"),
        ("2", None, "{"),
        ("3", None, "0"),
        ("4", None, "7"),
    ];
    let (tried, answer) = deliver_together(&messages).await;
    assert_eq!(tried, [5, 0, 7]);
    let back = json!([{"itemIdentifier": "2"}, {"itemIdentifier": "3"}]);
    assert_eq!(answer, json!({"batchItemFailures": back}));
}

#[tokio::test]
async fn of_messages_that_are_taken_together_those_go_back_of_which_nothing_is_said() {
    let messages = [("1", None, "5"), ("2", None, "9"), ("3", None, "6")];
    let (_, answer) = deliver_together(&messages).await;
    let back = json!([{"itemIdentifier": "2"}, {"itemIdentifier": "3"}]);
    assert_eq!(answer, json!({"batchItemFailures": back}));
    let unread = [("1", None, "{")];
    let (tried, answer) = deliver_together(&unread).await;
    assert!(tried.is_empty());
    assert_eq!(
        answer["batchItemFailures"],
        json!([{"itemIdentifier": "1"}])
    );
}

#[tokio::test]
async fn a_panic_returns_all_that_were_taken_together() {
    let handler = async |bodies: Vec<u32>| -> Vec<Result<(), No>> {
        assert!(bodies.is_empty(), "a made-up invariant");
        Vec::new()
    };
    let messages = batch(&[("1", None, "5"), ("2", None, "6")]);
    let answer = answer_together(handler, messages).await.unwrap();
    assert_eq!(answer.returned().collect::<Vec<_>>(), ["1", "2"]);
}

/// The handler has no time limit of its own: what it began is dropped, and its messages come again.
#[tokio::test]
async fn messages_that_are_taken_together_go_back_together_when_there_is_no_time_left() {
    let handler = async |_: Vec<u32>| std::future::pending::<Vec<Result<(), No>>>().await;
    let messages = batch(&[("1", None, "5"), ("2", None, "{"), ("3", None, "6")]);
    let budget = Budget::of(Duration::from_millis(50));
    let answer = together::answer_within(&handler, messages, budget);
    let limit = Duration::from_secs(10);
    let answer = tokio::time::timeout(limit, answer).await.unwrap().unwrap();
    assert_eq!(answer.returned().collect::<Vec<_>>(), ["1", "2", "3"]);
}
