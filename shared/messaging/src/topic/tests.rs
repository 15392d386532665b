//! Against an HTTP stub that speaks as much of the SNS query protocol as is needed.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sns::config::{Credentials, SharedCredentialsProvider};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use contracts::events::{PublishError, PublishEvents, PublishOutcome};

use super::Topic;
use crate::batch::tests::{event, event_of_size};

/// Form of one call: field name and value.
type Form = Vec<(String, String)>;
/// Status, entries that succeed and entries that fail: id, code, whose fault.
type Answer = (u16, String);

#[derive(Default)]
struct World {
    answers: VecDeque<Answer>,
    calls: Vec<Form>,
}

#[derive(Clone, Default)]
struct Sns(Arc<Mutex<World>>);

impl Sns {
    /// Answers with each of these in turn, then that everything was published.
    fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers = answers.into_iter().collect();
        let world = World {
            answers,
            ..World::default()
        };
        Self(Arc::new(Mutex::new(world)))
    }

    async fn topic(&self) -> Topic {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Topic::connect(
            &config(&url),
            "arn:aws:sns:us-east-1:000000000000:events.fifo",
        )
    }

    /// The events of each call.
    fn calls(&self) -> Vec<Vec<String>> {
        let world = self.0.lock().unwrap();
        let dedupe = |form: &Form| {
            values(form, "MessageDeduplicationId")
                .into_iter()
                .map(|id| id.trim_start_matches("order/").to_owned())
                .collect()
        };
        world.calls.iter().map(dedupe).collect()
    }
}

pub(crate) fn config(url: &str) -> SdkConfig {
    let credentials = Credentials::new("id", "secret", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(url)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .build()
}

fn values(form: &Form, field: &str) -> Vec<String> {
    let ends = format!(".{field}");
    form.iter()
        .filter(|(name, _)| name.ends_with(&ends))
        .map(|(_, value)| value.clone())
        .collect()
}

async fn answer(State(sns): State<Sns>, body: Bytes) -> (StatusCode, String) {
    let form: Form = form_urlencoded::parse(&body).into_owned().collect();
    let ids: Vec<_> = form
        .iter()
        .filter(|(name, _)| name.ends_with(".Id"))
        .map(|(_, id)| id.clone())
        .collect();
    let mut world = sns.0.lock().unwrap();
    world.calls.push(form);
    let (status, body) = world.answers.pop_front().unwrap_or_else(|| {
        let ids: Vec<_> = ids.iter().map(String::as_str).collect();
        outcome(&ids, &[])
    });
    (StatusCode::from_u16(status).unwrap(), body)
}

fn outcome(successful: &[&str], failed: &[(&str, &str, bool)]) -> Answer {
    let ok = |id: &&str| {
        format!(
            "<member><Id>{id}</Id><MessageId>m</MessageId><SequenceNumber>1</SequenceNumber></member>"
        )
    };
    let bad = |(id, code, sender): &(&str, &str, bool)| {
        format!(
            "<member><Id>{id}</Id><Code>{code}</Code><SenderFault>{sender}</SenderFault></member>"
        )
    };
    let successful: String = successful.iter().map(ok).collect();
    let failed: String = failed.iter().map(bad).collect();
    let body = format!(
        "<PublishBatchResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
         <PublishBatchResult><Successful>{successful}</Successful><Failed>{failed}</Failed>\
         </PublishBatchResult></PublishBatchResponse>"
    );
    (200, body)
}

fn error(status: u16, code: &str) -> Answer {
    let body = format!(
        "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error>\
         <Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
    );
    (status, body)
}

fn is_failed(outcome: &PublishOutcome) -> bool {
    matches!(outcome, PublishOutcome::Failed(_))
}

#[tokio::test]
async fn publishes_in_order_per_aggregate_with_group_and_attributes() {
    let sns = Sns::default();
    let topic = sns.topic().await;
    let outcomes = topic
        .publish(&[event("a", 1), event("b", 1), event("a", 2)])
        .await
        .unwrap();
    assert_eq!(outcomes, vec![PublishOutcome::Published; 3]);
    assert_eq!(sns.calls(), [vec!["a/1", "b/1"], vec!["a/2"]]);
    let world = sns.0.lock().unwrap();
    let form = &world.calls[0];
    assert_eq!(values(form, "MessageGroupId"), ["order/a", "order/b"]);
    let mut attributes = values(form, "StringValue");
    attributes.sort();
    let (kind, event_type) = ("order", "cartwright.order.placed.v1");
    assert_eq!(attributes, [event_type, event_type, kind, kind]);
}

#[tokio::test]
async fn looks_at_every_entry_of_an_answer_of_success() {
    let partly = outcome(
        &["1"],
        &[
            ("0", "InternalError", false),
            ("2", "InvalidParameter", true),
        ],
    );
    let sns = Sns::new([partly]);
    let topic = sns.topic().await;
    let events = [
        event("a", 1),
        event("b", 1),
        event("c", 1),
        event("d", 1),
        event("a", 2),
        event("b", 2),
        event("c", 2),
        event("d", 2),
    ];
    let outcomes = topic.publish(&events).await.unwrap();
    assert!(is_failed(&outcomes[0]), "failed by the topic");
    assert_eq!(outcomes[1], PublishOutcome::Published);
    assert!(matches!(outcomes[2], PublishOutcome::Refused(_)));
    assert!(is_failed(&outcomes[3]), "not mentioned in the answer");
    assert_eq!(outcomes[4], PublishOutcome::Held);
    assert_eq!(outcomes[5], PublishOutcome::Published);
    assert_eq!(outcomes[6..], [PublishOutcome::Held, PublishOutcome::Held]);
    assert_eq!(sns.calls(), [vec!["a/1", "b/1", "c/1", "d/1"], vec!["b/2"]]);
}

#[tokio::test]
async fn an_event_that_is_too_large_stops_only_its_aggregate() {
    let sns = Sns::default();
    let topic = sns.topic().await;
    let large = event_of_size("a", 1, 300_000);
    let outcomes = topic
        .publish(&[large, event("a", 2), event("b", 1)])
        .await
        .unwrap();
    assert!(matches!(outcomes[0], PublishOutcome::TooLarge(300_000..)));
    assert_eq!(outcomes[1], PublishOutcome::Held);
    assert_eq!(outcomes[2], PublishOutcome::Published);
    assert_eq!(sns.calls(), [vec!["b/1"]]);
}

#[tokio::test]
async fn tells_unavailable_from_refused_when_a_call_fails() {
    for (status, code) in [(400, "Throttled"), (500, "InternalError")] {
        let topic = Sns::new([error(status, code)]).topic().await;
        let failed = topic.publish(&[event("a", 1)]).await.unwrap_err();
        assert!(matches!(failed, PublishError::Unavailable(_)), "{failed:?}");
    }
    for (status, code) in [(403, "AuthorizationError"), (404, "NotFound")] {
        let topic = Sns::new([error(status, code)]).topic().await;
        let failed = topic.publish(&[event("a", 1)]).await.unwrap_err();
        assert!(matches!(failed, PublishError::Refused(_)), "{failed:?}");
    }
}

#[tokio::test]
async fn is_unavailable_when_nobody_listens() {
    let topic = Topic::connect(&config("http://127.0.0.1:1"), "arn");
    let failed = topic.publish(&[event("a", 1)]).await.unwrap_err();
    assert!(matches!(failed, PublishError::Unavailable(_)), "{failed:?}");
}

#[tokio::test]
async fn asks_nothing_when_there_is_nothing_to_publish() {
    let sns = Sns::default();
    assert_eq!(sns.topic().await.publish(&[]).await.unwrap(), []);
    assert!(sns.calls().is_empty());
}

#[tokio::test]
async fn a_replay_is_told_apart_by_its_id() {
    let sns = Sns::default();
    let topic = sns.topic().await.replaying("r7");
    topic.publish(&[event("a", 1)]).await.unwrap();
    assert_eq!(sns.calls(), [vec!["a/1+r7"]]);
}
