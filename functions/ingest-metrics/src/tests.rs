//! Batches as the queue hands them over, behind the runner, against a database and dead letters in memory.

use contracts::http::{MetricBatchBody, MetricEventBody, QueuedMetrics};
use domain::TenantId;
use domain::ports::{ReadMetrics, Whose};
use jiff::{SignedDuration, Timestamp};
use lambda_boot::queue;
use serde_json::{Value, json};
use testkit::fakes::{FakeMetrics, FakeQueue};

use super::*;

/// The message of a batch: the number is in its id, and of its events each is so many days back.
fn message(number: u32, days_back: &[i64]) -> (String, String) {
    let event = |days: &i64| MetricEventBody {
        event_type: "page.viewed".to_owned(),
        at: now() - SignedDuration::from_hours(24 * days),
        processing_ms: 1.5,
        payload: None,
    };
    let queued = QueuedMetrics {
        tenant: "north".to_owned(),
        traceparent: None,
        batch: MetricBatchBody {
            batch_id: format!("018f2c5e-9b7a-7c31-a4d2-{number:012}"),
            events: days_back.iter().map(event).collect(),
        },
    };
    (format!("m-{number}"), queued.letter().unwrap().body)
}

fn now() -> Timestamp {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

#[derive(Default)]
struct World {
    metrics: FakeMetrics,
    dead_letters: FakeQueue,
}

impl World {
    /// The ids of the messages that go back.
    async fn deliver(&self, messages: &[(String, String)]) -> Vec<String> {
        let record = |(id, body): &(String, String)| {
            json!({
                "messageId": id, "receiptHandle": "r", "body": body, "attributes": {},
                "messageAttributes": {}, "md5OfBody": "", "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:ingest-metrics",
                "awsRegion": "us-east-1",
            })
        };
        let event: Value = json!({"Records": messages.iter().map(record).collect::<Vec<_>>()});
        let handler =
            async |messages| handle(&self.metrics, &self.dead_letters, now(), messages).await;
        let answer = queue::answer_together(handler, event).await.unwrap();
        answer.returned().map(str::to_owned).collect()
    }

    /// How many events count.
    async fn counted(&self) -> i64 {
        let north = TenantId::parse("north").unwrap();
        let days = jiff::civil::date(2024, 12, 1)..=jiff::civil::date(2026, 11, 23);
        let figures = self
            .metrics
            .metrics_by_day(&Whose::Tenant(north), &days)
            .await;
        figures
            .unwrap()
            .values()
            .flat_map(|it| it.values())
            .map(|it| it.events)
            .sum()
    }

    fn reasons(&self) -> Vec<String> {
        let letters = self.dead_letters.letters();
        let reason = |it: &domain::ports::Letter| it.attributes["reason"].value.clone();
        letters.iter().map(reason).collect()
    }
}

#[tokio::test]
async fn batches_count_once_however_often_they_come() {
    let world = World::default();
    let messages = [message(1, &[0, 1]), message(2, &[0]), message(1, &[0, 1])];
    assert!(world.deliver(&messages).await.is_empty());
    assert!(world.deliver(&messages[1..]).await.is_empty());
    assert_eq!(world.counted().await, 3);
    assert!(world.reasons().is_empty());
}

#[tokio::test]
async fn a_batch_of_an_archived_month_is_set_aside_and_the_others_count() {
    let world = World::default();
    world
        .metrics
        .archive_month_of(jiff::civil::date(2026, 10, 1));
    let some: Vec<_> = (0..9).map(|it| message(it, &[0, 0])).collect();
    let old = message(9, &[0, 40]);
    let messages = [&some[..4], std::slice::from_ref(&old), &some[4..]].concat();
    assert!(world.deliver(&messages).await.is_empty());
    assert_eq!(world.counted().await, 18);
    assert_eq!(
        world.reasons(),
        ["the events of the month of 2026-10-01 are archived"]
    );
    assert_eq!(world.dead_letters.letters()[0].body, old.1);
}

#[tokio::test]
async fn what_is_no_batch_is_set_aside_and_the_others_count() {
    let world = World::default();
    let broken = |id: &str, body: &str| (id.to_owned(), body.to_owned());
    let messages = [
        message(1, &[0]),
        broken("m-2", "{}"),
        broken("m-3", "]"),
        message(4, &[0]),
    ];
    assert!(world.deliver(&messages).await.is_empty());
    assert_eq!(world.counted().await, 2);
    assert_eq!(world.reasons(), [" no batch of events"; 2]);
}

#[tokio::test]
async fn all_wait_while_the_database_is_away_and_count_once_it_is_back() {
    let world = World::default();
    world.metrics.set_away(true);
    let messages = [message(1, &[0]), message(2, &[0])];
    assert_eq!(world.deliver(&messages).await, ["m-1", "m-2"]);
    assert!(world.reasons().is_empty());
    world.metrics.set_away(false);
    assert!(world.deliver(&messages).await.is_empty());
    assert_eq!(world.counted().await, 2);
}

#[tokio::test]
async fn what_cannot_be_set_aside_goes_back() {
    let world = World::default();
    world.dead_letters.set_down(true);
    let broken = ("m-1".to_owned(), "{}".to_owned());
    assert_eq!(world.deliver(&[broken, message(2, &[0])]).await, ["m-1"]);
    assert_eq!(world.counted().await, 1);
}

#[test]
fn what_is_told_of_now_is_what_happened_in_the_last_hour() {
    let read = |(_, body): (String, String)| QueuedMetrics::read(&body).unwrap();
    let batches = [read(message(1, &[0, 0, 0])), read(message(2, &[0, 2]))];
    let aggregates = now::aggregates(batches.iter(), now());
    assert_eq!(aggregates.types["page.viewed"].count, 4);
    assert_eq!(aggregates.types["page.viewed"].sum, 6.0);
    assert_eq!(aggregates.refused.late, 1);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&lambda_boot::Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    assert_eq!(names, ["DATABASE_URL", "DEAD_LETTERS_URL"]);
}
