//! Against a queue that is played by a small server: what is asked, and how answers are read.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use https::Roots;
use testkit::build::at;
use tokio::net::TcpListener;

use super::*;
use crate::topic::tests::config;

/// Answers of the server, the next one last, and what it was asked.
#[derive(Clone, Default)]
struct Sqs {
    answers: Arc<Mutex<Vec<(StatusCode, Value)>>>,
    asked: Arc<Mutex<Vec<(String, Value)>>>,
}

async fn answer(State(sqs): State<Sqs>, headers: HeaderMap, body: String) -> (StatusCode, String) {
    let target = headers["x-amz-target"].to_str().unwrap();
    let operation = target.strip_prefix("AmazonSQS.").unwrap().to_owned();
    let question = serde_json::from_str(&body).unwrap();
    sqs.asked.lock().unwrap().push((operation, question));
    let next = sqs.answers.lock().unwrap().pop();
    let (status, answer) = next.unwrap_or((StatusCode::OK, json!({})));
    (status, answer.to_string())
}

async fn played(answers: impl IntoIterator<Item = (StatusCode, Value)>) -> (Letters, Sqs) {
    let sqs = Sqs::default();
    sqs.answers.lock().unwrap().extend(answers);
    let routes = Router::new().fallback(answer).with_state(sqs.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let config = config(&address);
    let queue = Queue::connect(&config, &Roots::amazon(), "https://queue/dead.fifo").unwrap();
    (queue.letters(|| at(0)), sqs)
}

impl Sqs {
    fn asked(&self) -> Vec<(String, Value)> {
        self.asked.lock().unwrap().clone()
    }
}

fn text(value: &str) -> Attribute {
    Attribute {
        data_type: "String".to_owned(),
        value: value.to_owned(),
    }
}

fn bytes(value: &str) -> Attribute {
    Attribute {
        data_type: "Binary.picture".to_owned(),
        value: value.to_owned(),
    }
}

fn letter() -> Letter {
    Letter {
        body: "{\"a\":1}".to_owned(),
        group: Some("order/a".to_owned()),
        dedupe: Some("order/a/1".to_owned()),
        attributes: [
            ("author".to_owned(), text("dora")),
            ("face".to_owned(), bytes("AA==")),
        ]
        .into(),
    }
}

fn on_the_wire() -> Value {
    json!({
        "author": {"DataType": "String", "StringValue": "dora"},
        "face": {"DataType": "Binary.picture", "BinaryValue": "AA=="},
    })
}

fn received() -> Received {
    Received {
        id: "m-1".to_owned(),
        handle: "h-1".to_owned(),
        letter: letter(),
        sent_at: at(7),
        receipts: 3,
    }
}

#[tokio::test]
async fn a_message_is_received_with_all_that_stands_beside_it() {
    let message = json!({
        "MessageId": "m-1",
        "ReceiptHandle": "h-1",
        "Body": "{\"a\":1}",
        "MD5OfBody": "…",
        "Attributes": {
            "MessageGroupId": "order/a",
            "MessageDeduplicationId": "order/a/1",
            "SentTimestamp": at(7).as_millisecond().to_string(),
            "ApproximateReceiveCount": "3",
        },
        "MessageAttributes": on_the_wire(),
    });
    let answer = json!({"Messages": [message]});
    let (queue, sqs) = played([(StatusCode::OK, json!({})), (StatusCode::OK, answer)]).await;
    let hidden = Duration::from_secs(90);
    assert_eq!(queue.receive(hidden).await.unwrap(), [received()]);
    assert_eq!(queue.receive(hidden).await.unwrap(), []);
    let (operation, question) = &sqs.asked()[0];
    assert_eq!(operation, "ReceiveMessage");
    assert_eq!(
        *question,
        json!({
            "QueueUrl": "https://queue/dead.fifo",
            "MaxNumberOfMessages": 10,
            "VisibilityTimeout": 90,
            "WaitTimeSeconds": 1,
            "AttributeNames": ["All"],
            "MessageAttributeNames": ["All"],
        })
    );
}

#[tokio::test]
async fn a_message_is_sent_with_all_that_stands_beside_it() {
    let (queue, sqs) = played([]).await;
    queue.send(&letter()).await.unwrap();
    let bare = Letter {
        body: "x".to_owned(),
        ..Letter::default()
    };
    queue.send(&bare).await.unwrap();
    let url = "https://queue/dead.fifo";
    let whole = json!({
        "QueueUrl": url,
        "MessageBody": "{\"a\":1}",
        "MessageGroupId": "order/a",
        "MessageDeduplicationId": "order/a/1",
        "MessageAttributes": on_the_wire(),
    });
    let bare = json!({"QueueUrl": url, "MessageBody": "x"});
    let send = "SendMessage".to_owned();
    assert_eq!(sqs.asked(), [(send.clone(), whole), (send, bare)]);
}

#[tokio::test]
async fn a_message_is_deleted_and_given_back_by_its_receipt() {
    let (queue, sqs) = played([]).await;
    queue.delete(&received()).await.unwrap();
    queue.give_back(&received()).await.unwrap();
    let url = "https://queue/dead.fifo";
    let deleted = json!({"QueueUrl": url, "ReceiptHandle": "h-1"});
    let given = json!({"QueueUrl": url, "ReceiptHandle": "h-1", "VisibilityTimeout": 0});
    assert_eq!(
        sqs.asked(),
        [
            ("DeleteMessage".to_owned(), deleted),
            ("ChangeMessageVisibility".to_owned(), given)
        ]
    );
}

#[tokio::test]
async fn messages_are_counted() {
    let counted = json!({"Attributes": {
        "ApproximateNumberOfMessages": "12",
        "ApproximateNumberOfMessagesNotVisible": "3",
    }});
    let (queue, _) = played([(StatusCode::OK, counted)]).await;
    let expected = Depth {
        waiting: 12,
        hidden: 3,
    };
    assert_eq!(queue.depth().await.unwrap(), expected);
}

#[tokio::test]
async fn a_refusal_is_told_from_no_answer() {
    let gone = json!({"__type": "com.amazonaws.sqs#QueueDoesNotExist"});
    let refused = (StatusCode::BAD_REQUEST, gone);
    let away = (StatusCode::SERVICE_UNAVAILABLE, json!({}));
    let (queue, _) = played([away, refused]).await;
    let error = queue.send(&letter()).await.unwrap_err();
    assert!(matches!(error, StoreError::Broken(_)), "{error:?}");
    let error = queue.send(&letter()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_no_empty_queue() {
    for answer in [
        json!({"Messages": [{"MessageId": "m-1"}]}),
        json!({"Messages": [{"MessageId": "m", "ReceiptHandle": "h", "Body": "b"}]}),
        json!({"Messages": 3}),
    ] {
        let (queue, _) = played([(StatusCode::OK, answer)]).await;
        let error = queue.receive(Duration::from_secs(1)).await.unwrap_err();
        assert!(matches!(error, StoreError::Broken(_)), "{error:?}");
    }
}
