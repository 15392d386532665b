//! What happened at a tenant, as JSON and as a sheet.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use contracts::http::{AsOfBody, EventReportBody, EventRowBody};
use domain::ports::Whose;
use domain::{DAYS_BY_HOUR, TenantId};
use http_edge::{Caller, Json, Problem};
use report_pages::{By, ByTime, Shared, question, sheet};

use crate::routes::{App, Batches, Reports};

type Asked = Result<Query<ByTime>, QueryRejection>;
type Way<Q, R, C> = State<Arc<App<Q, R, C>>>;

pub(crate) async fn events<Q: Batches, R: Reports, C: Shared>(
    State(app): Way<Q, R, C>,
    caller: Caller,
    asked: Asked,
) -> Result<Json<EventReportBody>, Problem> {
    let report = report(&app, &caller.principal.tenant, asked).await?;
    Ok(Json(report))
}

pub(crate) async fn events_sheet<Q: Batches, R: Reports, C: Shared>(
    State(app): Way<Q, R, C>,
    caller: Caller,
    asked: Asked,
) -> Result<Response, Problem> {
    let report = report(&app, &caller.principal.tenant, asked).await?;
    let name = format!("events-{}-{}.csv", report.from, report.to);
    let rows = report.rows.iter().map(EventRowBody::cells);
    sheet(&name, EventRowBody::COLUMNS, rows)
}

/// Of the caller's own tenant, and of no other.
async fn report<Q: Batches, R: Reports, C: Shared>(
    app: &App<Q, R, C>,
    tenant: &TenantId,
    asked: Asked,
) -> Result<EventReportBody, Problem> {
    let Query(asked) = asked.map_err(|_| Problem::bad_request(ByTime::KNOWN))?;
    let (by, days) = asked.rows_of_last(DAYS_BY_HOUR, app.clock.now())?;
    // Asked for before the figures, so that they have at least what it tells of.
    let freshness = app.reports.metrics_freshness(tenant).await?;
    let as_of: Option<AsOfBody> = freshness.as_ref().map(Into::into);
    let question = question(tenant, as_of.as_ref(), format!("events/{}", by.of(&days)));
    let events = async {
        let whose = Whose::Tenant(tenant.clone());
        let mut figures = match by {
            By::Day => app.reports.metrics_by_day(&whose, &days).await?,
            By::Hour => app.reports.metrics_by_hour(&whose, &days).await?,
        };
        Ok(EventRowBody::all(
            &figures.remove(tenant).unwrap_or_default(),
        ))
    };
    let rows = app.answers.of(&question, events).await?;
    Ok(EventReportBody {
        from: days.start().to_string(),
        to: days.end().to_string(),
        as_of,
        rows,
    })
}
