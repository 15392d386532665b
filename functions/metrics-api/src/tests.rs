//! The route inside the edge, against a queue in memory.

use std::time::Duration;

use answer_cache::Answers;
use axum::Router;
use contracts::http::QueuedMetrics;
use domain::ports::{ReceiveMessages, Received, TakeMetrics};
use domain::{BatchId, MetricBatch, MetricEvent, MetricType, ProcessingTime, TenantId};
use http_edge::Role;
use lambda_boot::Clock;
use serde_json::{Value, json};
use testkit::fakes::{FakeAnswers, FakeMetrics, FakeQueue};
use testkit::http::{Answer, Ask, protect, token_of_shop};
use testkit::must;

use super::*;

const ID: &str = "018f2c5e-9b7a-7c31-a4d2-0e1f2a3b4c5d";

struct House {
    routes: Router,
    queue: FakeQueue,
    metrics: FakeMetrics,
}

impl House {
    fn open() -> Self {
        let queue = FakeQueue::default();
        let metrics = FakeMetrics::default();
        let app = App {
            queue: queue.clone(),
            reports: metrics.clone(),
            answers: Answers::<FakeAnswers>::new(None),
            clock: Clock::fixed("2026-11-23T10:00:00Z".parse().unwrap()),
        };
        let routes = protect(api(app));
        Self {
            routes,
            queue,
            metrics,
        }
    }

    async fn post(&self, body: impl ToString, role: Role) -> Answer {
        let ask = Ask::post("/api/v1/metrics/events", body);
        let token = token_of_shop("north", "dora", role);
        ask.with_token(&token).to(&self.routes).await
    }

    /// A report of a tenant's, of those who have this role.
    async fn report(&self, query: &str, (tenant, role): (&str, Role)) -> Answer {
        let ask = Ask::get(&format!("/api/v1/admin/reports/{query}"));
        let token = token_of_shop(tenant, "dora", role);
        ask.with_token(&token).to(&self.routes).await
    }

    async fn queued(&self) -> Vec<MetricBatch> {
        let received = must(self.queue.receive(Duration::from_secs(1)).await);
        let read = |it: &Received| QueuedMetrics::read(&it.letter.body).unwrap();
        received.iter().map(read).collect()
    }
}

fn batch() -> Value {
    json!({"batch_id": ID, "events": [
        {"type": "page.viewed", "at": "2026-11-23T09:59:59.5Z", "processing_ms": 12.5},
        {"type": "cart.filled", "at": "2026-11-22T23:00:00Z", "processing_ms": 0, "payload": {"sku": "a"}},
    ]})
}

#[tokio::test]
async fn a_batch_is_in_the_queue_with_the_tenant_of_who_sent_it() {
    let house = House::open();
    let answer = house.post(batch(), Role::Admin).await;
    assert_eq!(answer.status, 202);
    assert_eq!(answer.json(), json!({"batch_id": ID, "events": 2}));
    let queued = house.queued().await;
    assert_eq!(queued.len(), 1);
    assert_eq!(queued[0].tenant.as_str(), "north");
    assert_eq!(queued[0].id.to_string(), ID);
    let kinds: Vec<_> = queued[0]
        .events
        .iter()
        .map(|it| it.event_type.as_str())
        .collect();
    assert_eq!(kinds, ["page.viewed", "cart.filled"]);
}

#[tokio::test]
async fn nobody_says_whose_events_they_are() {
    let mut batch = batch();
    batch["tenant"] = json!("south");
    let house = House::open();
    let answer = house.post(batch, Role::Admin).await;
    assert_eq!(answer.problem(), (400, "unexpected-body".to_owned()));
    assert!(house.queued().await.is_empty());
}

#[tokio::test]
async fn only_those_who_run_the_shop_send_events() {
    let house = House::open();
    for role in [Role::Customer, Role::Support] {
        assert_eq!(house.post(batch(), role).await.status, 403);
    }
    let unknown = Ask::post("/api/v1/metrics/events", batch());
    assert_eq!(unknown.to(&house.routes).await.status, 401);
    assert!(house.queued().await.is_empty());
}

#[tokio::test]
async fn a_batch_with_an_event_that_cannot_be_is_refused_as_a_whole() {
    let house = House::open();
    for (field, value) in [
        ("at", json!("2026-11-23T10:01:01Z")),
        ("processing_ms", json!(-1)),
    ] {
        let mut wrong = batch();
        wrong["events"][1][field] = value;
        let answer = house.post(wrong, Role::Admin).await;
        assert_eq!(answer.status, 422);
        assert_eq!(
            answer.json()["errors"][0]["pointer"],
            format!("/events/1/{field}")
        );
    }
    assert!(house.queued().await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_queued_is_not_accepted() {
    let house = House::open();
    house.queue.set_down(true);
    let answer = house.post(batch(), Role::Admin).await;
    assert_eq!(answer.status, 503);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&lambda_boot::Env::default()).unwrap_err();
    assert!(lacking.names().any(|name| name == "METRICS_QUEUE_URL"));
    assert!(lacking.names().any(|name| name == "LIMITS"));
}

const NORTH: (&str, Role) = ("north", Role::Admin);

fn event(at: &str, micros: i64) -> MetricEvent {
    MetricEvent {
        event_type: MetricType::parse("page.viewed").unwrap(),
        at: at.parse().unwrap(),
        took: ProcessingTime::from_micros(micros).unwrap(),
        payload: None,
    }
}

/// Takes a batch in.
async fn take(house: &House, tenant: &str, events: Vec<MetricEvent>) {
    let batch = MetricBatch {
        tenant: TenantId::parse(tenant).unwrap(),
        id: BatchId::parse(ID).unwrap(),
        events,
    };
    let now = "2026-11-23T10:00:00Z".parse().unwrap();
    must(house.metrics.take_metrics(&[batch], now).await);
}

/// A batch of three events in the north.
async fn happened() -> House {
    let house = House::open();
    let events = vec![
        event("2026-11-23T09:59:59Z", 1_500),
        event("2026-11-23T08:00:00Z", 250),
        event("2026-11-22T23:59:59.999999Z", 1),
    ];
    take(&house, "north", events).await;
    house
}

#[tokio::test]
async fn what_happened_is_told_by_day_by_hour_and_as_a_sheet() {
    let house = happened().await;
    let pretty = |answer: &Answer| must(serde_json::to_string_pretty(&answer.json()));
    let days = house.report("events", NORTH).await;
    insta::assert_snapshot!("events", pretty(&days));
    let hours = house.report("events?by=hour", NORTH).await;
    insta::assert_snapshot!("events_by_hour", pretty(&hours));
    let sheet = house.report("events.csv", NORTH).await;
    insta::assert_snapshot!("events_sheet", sheet.body);
    for query in [
        "by=minute",
        "plan=free",
        "tenant=south",
        "from=2026-06-01&by=hour",
        "from=2026-10-22&to=2026-10-22&by=hour",
        "from=2026-06-01&to=2026-06-02&by=hour",
    ] {
        let answer = house.report(&format!("events?{query}"), NORTH).await;
        assert_eq!(answer.problem(), (400, "bad-request".to_owned()), "{query}");
    }
    // Of the first day of which there are hours, and of one day more.
    for query in [
        "from=2026-10-23&to=2026-10-23&by=hour",
        "from=2026-10-22&to=2026-10-22&by=day",
    ] {
        let answer = house.report(&format!("events?{query}"), NORTH).await;
        assert_eq!(answer.status, 200, "{query}");
    }
}

/// Two tenants of which as much is known, by the same batch.
#[tokio::test]
async fn nobody_sees_what_happened_at_another_tenant() {
    let house = happened().await;
    let events = vec![event("2026-11-23T09:00:00Z", 7); 5];
    take(&house, "south", events).await;
    for (path, of_north) in [
        ("events", json!([1, 2])),
        ("events?by=hour", json!([1, 1, 1])),
    ] {
        let [mut counted, mut as_of] = [Vec::new(), Vec::new()];
        // What was asked for before is kept.
        for tenant in ["north", "south", "west"] {
            let report = house.report(path, (tenant, Role::Admin)).await.json();
            let rows = report["rows"].as_array().unwrap().iter();
            counted.push(rows.map(|row| row["events"].clone()).collect::<Value>());
            as_of.push(report["as_of"]["changes"].clone());
        }
        assert_eq!(counted, [of_north, json!([5]), json!([])], "{path}");
        assert_eq!(as_of, [json!(1), json!(1), json!(null)]);
    }
    for role in [Role::Customer, Role::Support] {
        assert_eq!(house.report("events", ("north", role)).await.status, 403);
    }
}

#[tokio::test]
async fn while_the_database_is_away_batches_are_taken_and_reports_are_unavailable() {
    let house = House::open();
    house.metrics.set_away(true);
    assert_eq!(house.report("events", NORTH).await.status, 503);
    assert_eq!(house.report("events.csv", NORTH).await.status, 503);
    assert_eq!(house.post(batch(), Role::Admin).await.status, 202);
}
