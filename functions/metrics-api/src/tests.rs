//! The route inside the edge, against a queue in memory.

use std::time::Duration;

use axum::Router;
use contracts::http::QueuedMetrics;
use domain::MetricBatch;
use domain::ports::{ReceiveMessages, Received};
use http_edge::Role;
use lambda_boot::Clock;
use serde_json::{Value, json};
use testkit::fakes::FakeQueue;
use testkit::http::{Answer, Ask, protect, token_of_shop};
use testkit::must;

use super::*;

const ID: &str = "018f2c5e-9b7a-7c31-a4d2-0e1f2a3b4c5d";

struct House {
    routes: Router,
    queue: FakeQueue,
}

impl House {
    fn open() -> Self {
        let queue = FakeQueue::default();
        let app = App {
            queue: queue.clone(),
            clock: Clock::fixed("2026-11-23T10:00:00Z".parse().unwrap()),
        };
        let routes = protect(api(app));
        Self { routes, queue }
    }

    async fn post(&self, body: impl ToString, role: Role) -> Answer {
        let ask = Ask::post("/api/v1/metrics/events", body);
        let token = token_of_shop("north", "dora", role);
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
