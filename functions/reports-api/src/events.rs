//! What happened at a tenant, as JSON and as a sheet.

use axum::extract::{Query, State};
use axum::response::Response;
use contracts::http::{EventReportBody, EventRowBody};
use domain::TenantId;
use domain::ports::Whose;
use http_edge::{Caller, Json, Problem};
use sheets::{EVENTS, of_event};

use crate::routes::{App, Reports};
use crate::sheet::sheet;
use crate::show::{Asked, By, Daily, KNOWN, Way, days};

pub(crate) async fn events<R: Reports>(
    State(app): Way<R>,
    caller: Caller,
    asked: Asked<Daily>,
) -> Result<Json<EventReportBody>, Problem> {
    let report = report(&app, &caller.principal.tenant, asked).await?;
    Ok(Json(report))
}

pub(crate) async fn events_sheet<R: Reports>(
    State(app): Way<R>,
    caller: Caller,
    asked: Asked<Daily>,
) -> Result<Response, Problem> {
    let report = report(&app, &caller.principal.tenant, asked).await?;
    let name = format!("events-{}-{}.csv", report.from, report.to);
    sheet(&name, EVENTS, report.rows.iter().map(of_event))
}

/// Of the caller's own tenant, and of no other.
async fn report<R: Reports>(
    app: &App<R>,
    tenant: &TenantId,
    asked: Asked<Daily>,
) -> Result<EventReportBody, Problem> {
    let Query(asked) = asked.map_err(|_| Problem::bad_request(KNOWN))?;
    let by = asked.by.unwrap_or_default();
    let days = days(app, (&asked.from, &asked.to), by.most())?;
    // Asked for before the figures, so that they have at least what it tells of.
    let as_of = app.reports.metrics_freshness(tenant).await?;
    let whose = Whose::Tenant(tenant.clone());
    let mut figures = match by {
        By::Day => app.reports.metrics_by_day(&whose, &days).await?,
        By::Hour => app.reports.metrics_by_hour(&whose, &days).await?,
    };
    let own = figures.remove(tenant).unwrap_or_default();
    Ok(EventReportBody {
        from: days.start().to_string(),
        to: days.end().to_string(),
        as_of: as_of.as_ref().map(Into::into),
        rows: EventRowBody::all(&own),
    })
}
