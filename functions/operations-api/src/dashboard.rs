//! The dashboard: what was counted, and what is asked of those who know it. Everything is asked for at
//! the same time: three reads of what was counted and noted, two of the stock, and one question to
//! each queue.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use contracts::http::{DashboardBody, LettersBody, OpenBreakerBody, StockAlertsBody};
use domain::ports::{Cause, StoreError};
use futures::future::{join, join_all, try_join3};
use http_edge::{Caller, Json, Problem};
use tokio::time::timeout;
use tracing::warn;

use crate::routes::{App, Copies, Figures, Queue, Queues, Stocked};

/// How long a queue has to say how many messages it has: the rest is shown without it.
const PATIENCE: Duration = Duration::from_secs(2);

/// Stock, queues and services belong to one shop; those who run another see its own figures only.
pub(crate) async fn show<F: Figures, S: Stocked, C: Copies, Q: Queues>(
    State(app): State<Arc<App<F, S, C, Q>>>,
    caller: Caller,
) -> Result<Json<DashboardBody>, Problem> {
    let shop = &caller.principal.tenant;
    let now = app.clock.now();
    let periods = DashboardBody::periods(now);
    let counted = app.figures.figures(shop, &periods);
    let newest = app.figures.newest(shop);
    let around = async {
        match *shop == app.tenant {
            true => around(&app).await.map(Some),
            false => Ok(None),
        }
    };
    let (tallies, newest, around) = try_join3(counted, newest, around).await?;
    let mut body = DashboardBody::of(&tallies, &newest, now);
    if let Some(around) = around {
        body.stock_alerts = Some(around.alerts);
        body.dead_letters = Some(around.letters);
        body.open_breakers = Some(around.breakers);
    }
    Ok(Json(body))
}

/// What is not counted but looked at.
struct Around {
    alerts: StockAlertsBody,
    letters: Vec<LettersBody>,
    breakers: Vec<OpenBreakerBody>,
}

async fn around<F: Figures, S: Stocked, C: Copies, Q: Queues>(
    app: &App<F, S, C, Q>,
) -> Result<Around, StoreError> {
    let low = app.stock.list_low(None, StockAlertsBody::MOST);
    let letters = join_all(app.queues.iter().map(letters));
    let known = futures::future::try_join(low, app.copies.destinations());
    let (known, letters) = join(known, letters).await;
    let (low, services) = known?;
    Ok(Around {
        alerts: StockAlertsBody::of(&low),
        letters,
        breakers: services.iter().filter_map(OpenBreakerBody::of).collect(),
    })
}

async fn letters<Q: Queues>(queue: &Queue<Q>) -> LettersBody {
    let depth = match timeout(PATIENCE, queue.letters.depth()).await {
        Ok(depth) => depth,
        Err(_) => Err(StoreError::Unavailable(Cause(
            "no answer in time".to_owned(),
        ))),
    };
    if let Err(error) = &depth {
        warn!(queue = queue.name, %error, "a queue did not say how many messages it has");
    }
    LettersBody {
        queue: queue.name.clone(),
        messages: depth
            .ok()
            .map(|depth| depth.waiting.saturating_add(depth.hidden)),
    }
}
