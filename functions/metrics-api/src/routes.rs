//! The routes, and what they work with.

use std::sync::Arc;

use answer_cache::Answers;
use axum::extract::State;
use axum::http::StatusCode;
use contracts::http::{MetricBatchBody, MetricsTakenBody, QueuedMetrics};
use domain::ports::{ReadMetrics, SendMessages};
use http_edge::{Api, Caller, Correlation, Json, Policy, Problem, Role};
use lambda_boot::Clock;
use report_pages::Shared;

use crate::events::{events, events_sheet};

/// Where batches go.
pub trait Batches: SendMessages + Send + Sync + 'static {}
impl<Q: SendMessages + Send + Sync + 'static> Batches for Q {}

/// Where events are counted.
pub trait Reports: ReadMetrics + Send + Sync + 'static {}
impl<R: ReadMetrics + Send + Sync + 'static> Reports for R {}

/// What the routes work with.
#[derive(Debug)]
pub struct App<Q, R, C> {
    /// The queue of batches.
    pub queue: Q,
    /// What was counted.
    pub reports: R,
    /// What was answered.
    pub answers: Answers<C>,
    /// The time, for events that cannot be, and for the days that nobody names.
    pub clock: Clock,
}

/// The routes at work.
pub fn api<Q: Batches, R: Reports, C: Shared>(app: App<Q, R, C>) -> Api {
    routes().with_state(Arc::new(app))
}

/// The routes. Whoever may change figures of a shop, or read them, is one who runs it, most often by an API
/// key.
pub fn routes<Q: Batches, R: Reports, C: Shared>() -> Api<Arc<App<Q, R, C>>> {
    let admin = || Policy::Only(&[Role::Admin]);
    Api::default()
        .post("/api/v1/metrics/events", admin(), take::<Q, R, C>)
        .get("/api/v1/admin/reports/events", admin(), events::<Q, R, C>)
        .get(
            "/api/v1/admin/reports/events.csv",
            admin(),
            events_sheet::<Q, R, C>,
        )
}

async fn take<Q: Batches, R: Reports, C: Shared>(
    State(app): State<Arc<App<Q, R, C>>>,
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
