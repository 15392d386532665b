//! Batches as the queue hands them over, behind the runner, against a database and dead letters in memory.

mod told;

use std::collections::BTreeMap;
use std::future::pending;

use contracts::http::{MetricBatchBody, MetricEventBody, QueuedMetrics};
use domain::ports::{Letter, ReadMetrics, Whose};
use domain::{BatchId, TenantId};
use jiff::{SignedDuration, Timestamp};
use lambda_boot::queue;
use serde_json::{Value, json};
use testkit::fakes::{FakeMetrics, FakeQueue};
use tokio::sync::Barrier;

use super::*;
use told::Told;

/// The message of a batch: the number is in its id, and of its events each is so many days back.
fn message(number: u32, days_back: &[i64]) -> (String, String) {
    let at = |days: &i64| now() - SignedDuration::from_hours(24 * days);
    let events = days_back.iter().map(|days| event("page.viewed", at(days)));
    message_of(number, events.collect())
}

fn event(kind: &str, at: Timestamp) -> MetricEventBody {
    MetricEventBody {
        event_type: kind.to_owned(),
        at,
        processing_ms: 1.5,
        payload: None,
    }
}

fn message_of(number: u32, events: Vec<MetricEventBody>) -> (String, String) {
    let queued = QueuedMetrics {
        tenant: "north".to_owned(),
        traceparent: None,
        batch: MetricBatchBody {
            batch_id: id(number),
            events,
        },
    };
    (format!("m-{number}"), queued.letter().unwrap().body)
}

fn id(number: u32) -> String {
    format!("018f2c5e-9b7a-7c31-a4d2-{number:012}")
}

fn now() -> Timestamp {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

/// With dead letters in `D`.
struct World<D = FakeQueue> {
    app: App<FakeMetrics, D>,
    metrics: FakeMetrics,
    dead_letters: FakeQueue,
    told: Told,
}

impl Default for World {
    fn default() -> Self {
        Self::over(|dead_letters| dead_letters)
    }
}

impl<D: SendMessages> World<D> {
    fn over(way: fn(FakeQueue) -> D) -> Self {
        let (metrics, dead_letters) = (FakeMetrics::default(), FakeQueue::default());
        Self {
            app: App::new(metrics.clone(), way(dead_letters.clone())),
            metrics,
            dead_letters,
            told: Told::default(),
        }
    }

    /// The ids of the messages that go back.
    async fn deliver(&self, messages: &[(String, String)]) -> Vec<String> {
        self.deliver_at(now(), messages).await
    }

    async fn deliver_at(&self, now: Timestamp, messages: &[(String, String)]) -> Vec<String> {
        let record = |(id, body): &(String, String)| {
            json!({
                "messageId": id, "receiptHandle": "r", "body": body, "attributes": {},
                "messageAttributes": {}, "md5OfBody": "", "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:ingest-metrics",
                "awsRegion": "us-east-1",
            })
        };
        let event: Value = json!({"Records": messages.iter().map(record).collect::<Vec<_>>()});
        let listening = metrics::set_default_local_recorder(&self.told);
        let handler = async |messages| handle(&self.app, now, messages).await;
        let answer = queue::answer_together(handler, event).await.unwrap();
        drop(listening);
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
        let reason = |it: &Letter| it.attributes["reason"].value.clone();
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
    // Nor are they told of more than once; one is of yesterday.
    assert_eq!(world.told.events(), of_types([("page.viewed", 2)]));
    assert_eq!(world.told.late(), 1);
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
async fn a_batch_that_breaks_the_database_goes_back_and_the_others_count() {
    let world = World::default();
    world.metrics.break_at(BatchId::parse(&id(7)).unwrap());
    let messages: Vec<_> = (1..=9).map(|it| message(it, &[0, 0])).collect();
    assert_eq!(world.deliver(&messages).await, ["m-7"]);
    assert_eq!(world.counted().await, 16);
    assert_eq!(world.told.events(), of_types([("page.viewed", 16)]));
    assert!(world.reasons().is_empty());
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

/// Dead letters that never answer for `{}`.
struct Hanging(FakeQueue);

impl SendMessages for Hanging {
    async fn send(&self, letter: &Letter) -> Result<(), StoreError> {
        match letter.body.as_str() {
            "{}" => pending().await,
            _ => self.0.send(letter).await,
        }
    }
}

#[tokio::test]
async fn while_dead_letters_hang_only_what_waits_for_them_goes_back() {
    let mut world = World::over(Hanging);
    world.app.aside = Duration::from_millis(50);
    let broken = |id: &str, body: &str| (id.to_owned(), body.to_owned());
    let messages = [
        broken("m-1", "{}"),
        message(2, &[0]),
        broken("m-3", "{}"),
        broken("m-4", "]"),
    ];
    let limit = Duration::from_secs(10);
    let returned = tokio::time::timeout(limit, world.deliver(&messages)).await;
    assert_eq!(returned.unwrap(), ["m-1", "m-3"]);
    assert_eq!(world.counted().await, 1);
    assert_eq!(world.dead_letters.letters()[0].body, "]");
}

/// Dead letters that take one when the next one is there.
struct Meeting(FakeQueue, Barrier);

impl SendMessages for Meeting {
    async fn send(&self, letter: &Letter) -> Result<(), StoreError> {
        self.1.wait().await;
        self.0.send(letter).await
    }
}

#[tokio::test]
async fn what_is_refused_is_set_aside_beside_each_other() {
    let world = World::over(|dead_letters| Meeting(dead_letters, Barrier::new(2)));
    let messages = ["{}", "]"].map(|body| (body.to_owned(), body.to_owned()));
    assert!(world.deliver(&messages).await.is_empty());
    assert_eq!(world.reasons().len(), 2);
}

fn of_types<const N: usize>(counts: [(&str, u64); N]) -> BTreeMap<String, u64> {
    let owned = |(kind, count): (&str, u64)| (kind.to_owned(), count);
    counts.map(owned).into()
}

#[tokio::test]
async fn what_is_told_of_now_is_what_happened_in_the_last_hour() {
    let world = World::default();
    let messages = [message(1, &[0, 0, 0]), message(2, &[0, 2])];
    assert!(world.deliver(&messages).await.is_empty());
    assert_eq!(world.told.events(), of_types([("page.viewed", 4)]));
    assert_eq!(world.told.late(), 1);
    for part in ["p50", "p99"] {
        let name = format!("tenant_events_ms_{part}/page.viewed");
        assert_eq!(world.told.values(&name), [1.5]);
    }
}

/// A sender's clock may be a minute ahead: the event is of the next minute then.
#[tokio::test]
async fn what_is_a_little_ahead_of_the_clock_is_told_as_of_now() {
    let world = World::default();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let ahead = event("page.viewed", at("2026-11-23T10:01:20Z"));
    let messages = [message_of(1, vec![ahead])];
    let now = at("2026-11-23T10:00:50Z");
    assert!(world.deliver_at(now, &messages).await.is_empty());
    assert_eq!(world.told.events(), of_types([("page.viewed", 1)]));
}

/// Each name costs: there are as many as there are however many types somebody thinks of.
#[tokio::test]
async fn the_first_twenty_types_keep_their_names_and_all_others_have_one() {
    let world = World::default();
    let day = SignedDuration::from_hours(24);
    let of = |numbers: std::ops::Range<u32>| {
        let events = numbers.map(|it| event(&format!("t-{it:03}"), now()));
        events.collect::<Vec<_>>()
    };
    let old = (0..30).map(|it| event(&format!("old-{it}"), now() - day));
    let first = [old.collect(), of(100..115)].concat();
    let messages = [message_of(1, first), message_of(2, of(0..10))];
    assert!(world.deliver(&messages).await.is_empty());
    // Another invocation, and types that come first by their names.
    assert!(world.deliver(&[message_of(3, of(0..120))]).await.is_empty());
    let told = world.told.events();
    assert_eq!(told.len(), now::TYPES + 1);
    assert_eq!(told["t-000"], 2);
    assert_eq!(told["t-004"], 2);
    assert_eq!(told["t-114"], 2);
    assert_eq!(told[now::OTHERS], 5 + 100);
    assert_eq!(world.told.late(), 30);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&lambda_boot::Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    assert_eq!(names, ["DATABASE_URL", "DEAD_LETTERS_URL"]);
}
