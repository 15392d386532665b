//! The route, and what it works with.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use contracts::http::{MetricBatchBody, MetricsTakenBody, QueuedMetrics};
use domain::ports::SendMessages;
use http_edge::{Api, Caller, Correlation, Json, Policy, Problem, Role};
use lambda_boot::Clock;

/// What the route works with.
#[derive(Debug)]
pub struct App<Q> {
    /// The queue of batches.
    pub queue: Q,
    /// The time, for events that cannot be.
    pub clock: Clock,
}

/// The route at work.
pub fn api<Q: SendMessages + Send + Sync + 'static>(app: App<Q>) -> Api {
    routes().with_state(Arc::new(app))
}

/// The route. Whoever may change figures of a shop is one who runs it, most often by an API key.
pub fn routes<Q: SendMessages + Send + Sync + 'static>() -> Api<Arc<App<Q>>> {
    let admin = Policy::Only(&[Role::Admin]);
    Api::default().post("/api/v1/metrics/events", admin, take::<Q>)
}

async fn take<Q: SendMessages + Send + Sync + 'static>(
    State(app): State<Arc<App<Q>>>,
    Caller { principal, .. }: Caller,
    correlation: Correlation,
    Json(batch): Json<MetricBatchBody>,
) -> Result<(StatusCode, Json<MetricsTakenBody>), Problem> {
    let tenant = principal.tenant;
    let parsed = batch.parse_new(tenant.clone(), app.clock.now());
    parsed.map_err(Problem::invalid)?;
    let taken = MetricsTakenBody {
        batch_id: batch.batch_id.clone(),
        events: batch.events.len(),
    };
    let queued = QueuedMetrics {
        tenant: tenant.to_string(),
        traceparent: correlation.trace().map(|trace| trace.to_string()),
        batch,
    };
    let letter = queued.letter().map_err(Problem::invalid)?;
    app.queue.send(&letter).await?;
    Ok((StatusCode::ACCEPTED, Json(taken)))
}
