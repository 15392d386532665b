//! Whether the shop is well: whether everything answers that an order needs at once.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use domain::ports::StoreError;
use dynamo_store::OrdersTable;
use futures::future::join_all;
use http_edge::Problem;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::routes::App;

/// How long a dependency may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long an answer is believed: whoever asks more often costs nothing more.
const BELIEVED: SignedDuration = SignedDuration::from_secs(5);

/// How one dependency is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// Whether it answered in time.
    pub up: bool,
    /// How long that took, in milliseconds.
    pub took_ms: u64,
}

/// What the shop needs.
pub trait Dependencies: Send + Sync + 'static {
    /// Asks all of them at once.
    fn check(&self) -> impl Future<Output = Vec<Check>> + Send;
}

/// Tables, by the names under which they are told of.
#[derive(Debug)]
pub struct Tables(pub Vec<(String, OrdersTable)>);

impl Dependencies for Tables {
    async fn check(&self) -> Vec<Check> {
        let asked = self.0.iter().map(async |(name, table)| {
            let started = Instant::now();
            let answered = timeout(PATIENCE, table.ping()).await;
            Check {
                name: name.clone(),
                up: matches!(answered, Ok(Ok::<(), StoreError>(()))),
                took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            }
        });
        join_all(asked).await
    }
}

/// What was found last, and when.
pub(crate) type Last = Mutex<Option<(Timestamp, Vec<Check>)>>;

pub(crate) async fn show<D: Dependencies, M>(
    State(app): State<Arc<App<D, M>>>,
) -> Result<Json<Value>, Problem> {
    let (at, checks) = look(&app).await;
    let shown: Vec<Value> = checks
        .iter()
        .map(|check| {
            let status = if check.up { "up" } else { "down" };
            json!({"name": check.name, "status": status, "took_ms": check.took_ms})
        })
        .collect();
    if checks.iter().all(|check| check.up) {
        let body = json!({"status": "up", "checked_at": at.to_string(), "dependencies": shown});
        return Ok(Json(body));
    }
    Err(
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unhealthy", "Unhealthy")
            .header(header::RETRY_AFTER, HeaderValue::from_static("5"))
            .with("checked_at", at.to_string())
            .with("dependencies", shown),
    )
}

async fn look<D: Dependencies, M>(app: &App<D, M>) -> (Timestamp, Vec<Check>) {
    let mut last = app.health.lock().await;
    let now = app.clock.now();
    if let Some((at, checks)) = last.as_ref()
        && now.duration_since(*at) < BELIEVED
    {
        return (*at, checks.clone());
    }
    let checks = app.dependencies.check().await;
    *last = Some((now, checks.clone()));
    (now, checks)
}
