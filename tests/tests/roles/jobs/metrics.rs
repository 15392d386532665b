//! What those need who take in what happens at tenants.

use contracts::http::{MetricBatchBody, MetricEventBody, QueuedMetrics};
use jiff::Timestamp;
use lambda_boot::new_id;
use reqwest::Method;
use serde_json::json;
use tests::emulator::aws::{invoke, queue_event_of};
use tests::emulator::shop::{Shop, now};
use uuid::Uuid;

use super::Rounds;
use super::http::{as_somebody_new, expect_counted, looks_for_keys_at};
use crate::policy::each_is_needed;

fn batch(id: Uuid, at: Timestamp) -> MetricBatchBody {
    MetricBatchBody {
        batch_id: id.to_string(),
        events: vec![MetricEventBody {
            event_type: "page.viewed".to_owned(),
            at,
            processing_ms: 1.5,
            payload: None,
        }],
    }
}

#[tokio::test]
async fn metrics_api_needs_its_role() {
    let shop = Shop::alone("role-metrics").await;
    let rounds = Rounds::default();
    let path = "/metrics/events";
    each_is_needed(&shop.stack, "metrics-api", async || {
        let body = batch(new_id(), now());
        let send = async || {
            let request = shop.request(Method::POST, path).json(&json!(body));
            as_somebody_new(&shop, &rounds, request).await
        };
        expect_counted(send, 202).await?;
        looks_for_keys_at(&shop, Method::POST, path).await
    })
    .await;
}

#[tokio::test]
async fn ingest_metrics_needs_its_role() {
    let shop = Shop::alone("role-ingest").await;
    each_is_needed(&shop.stack, "ingest-metrics", async || {
        let queued = QueuedMetrics {
            tenant: shop.name().to_owned(),
            traceparent: None,
            batch: batch(new_id(), now()),
        };
        let good = queued.letter().map_err(|it| it.problem)?.body;
        let messages = [good, "refused".to_owned()];
        let answer = invoke(&shop.stack, "ingest-metrics", &queue_event_of(&messages)).await;
        let answer = answer.map_err(|it| format!("{}: {}", it.name, it.message))?;
        match answer["batchItemFailures"].as_array() {
            Some(failures) if failures.is_empty() => Ok(()),
            _ => Err(answer.to_string()),
        }
    })
    .await;
}
