//! Against a queue that is played by a small server: what is sent, and what answers mean.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use testkit::build::at;
use tokio::net::TcpListener;

use super::*;
use crate::batch::tests::{event, event_of_size};
use crate::topic::tests::config;

type Sent = Arc<Mutex<Vec<Value>>>;

/// Takes messages until one of the group `refused` or `late` comes.
async fn answer(
    State(sent): State<Sent>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, String) {
    let header = |name: &str| headers.get(name).map_or("", |it| it.to_str().unwrap());
    assert!(header("authorization").contains("/sqs/aws4_request"));
    assert_eq!(header("x-amz-target"), "AmazonSQS.SendMessage");
    let message: Value = serde_json::from_str(&body).unwrap();
    let group = message["MessageGroupId"].as_str().unwrap().to_owned();
    if group.ends_with("refused") {
        let refusal = json!({"__type": "com.amazonaws.sqs#QueueDoesNotExist"});
        return (StatusCode::BAD_REQUEST, refusal.to_string());
    }
    if group.ends_with("late") {
        return (StatusCode::SERVICE_UNAVAILABLE, String::new());
    }
    sent.lock().unwrap().push(message);
    (StatusCode::OK, "{}".to_owned())
}

async fn played() -> (Queue, Sent) {
    let sent = Sent::default();
    let routes = Router::new().fallback(answer).with_state(Arc::clone(&sent));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let config = config(&address);
    let queue = Queue::connect(&config, &Roots::amazon(), "https://queue/notify.fifo").unwrap();
    (queue.at(at(0)), sent)
}

fn field<'a>(sent: &'a [Value], name: &str) -> Vec<&'a str> {
    sent.iter()
        .map(|message| message[name].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn events_are_sent_one_by_one_as_the_topic_would_hand_them_on() {
    let (queue, sent) = played().await;
    let events = [event("a", 1), event("a", 2)];
    let outcomes = queue.publish(&events).await.unwrap();
    assert_eq!(
        outcomes,
        [PublishOutcome::Published, PublishOutcome::Published]
    );
    let sent = sent.lock().unwrap();
    let bodies = events
        .each_ref()
        .map(|event| serde_json::to_string(event).unwrap());
    assert_eq!(field(&sent, "MessageBody"), bodies);
    assert_eq!(field(&sent, "MessageGroupId"), ["order/a", "order/a"]);
    assert_eq!(field(&sent, "QueueUrl"), ["https://queue/notify.fifo"; 2]);
}

/// The queue drops what it saw within five minutes.
#[tokio::test]
async fn what_is_sent_at_another_time_is_another_message() {
    let (queue, sent) = played().await;
    for time in [at(0), at(0), at(1)] {
        queue.at(time).publish(&[event("a", 1)]).await.unwrap();
    }
    let sent = sent.lock().unwrap();
    let ids = field(&sent, "MessageDeduplicationId");
    assert!(ids[0] == ids[1] && ids[1] != ids[2], "{ids:?}");
}

#[tokio::test]
async fn what_follows_an_event_that_is_too_large_is_held() {
    let (queue, sent) = played().await;
    let events = [event_of_size("a", 1, 300_000), event("a", 2), event("b", 1)];
    let outcomes = queue.publish(&events).await.unwrap();
    assert!(
        matches!(outcomes[0], PublishOutcome::TooLarge(_)),
        "{outcomes:?}"
    );
    assert_eq!(
        outcomes[1..],
        [PublishOutcome::Held, PublishOutcome::Published]
    );
    assert_eq!(field(&sent.lock().unwrap(), "MessageGroupId"), ["order/b"]);
}

#[tokio::test]
async fn a_queue_that_does_not_answer_is_told_from_one_that_refuses() {
    let (queue, _) = played().await;
    let late = queue.publish(&[event("late", 1)]).await;
    assert!(
        matches!(late, Err(PublishError::Unavailable(_))),
        "{late:?}"
    );
    let refused = queue.publish(&[event("refused", 1)]).await.unwrap_err();
    let PublishError::Refused(cause) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(cause.0, "400 Bad Request: SendMessage: QueueDoesNotExist");
}
