//! How long stock lasts, as JSON and as a sheet.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use contracts::http::{StockReportBody, StockRowBody};
use domain::TenantId;
use domain::ports::CoverAsked;
use http_edge::{Caller, Json, Problem, page_size};
use jiff::ToSpan;
use jiff::tz::TimeZone;
use report_pages::{Shared, sheet};
use serde::Deserialize;

use crate::routes::{App, Reports};
use crate::show::as_of;

/// What was sold in so many days, today with them, says how long the rest lasts.
const DAYS: i32 = 28;

/// Query of the report of stock.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lasting {
    below: Option<u32>,
    limit: Option<u8>,
}

type Asked = Result<Query<Lasting>, QueryRejection>;
type Way<S, C> = State<Arc<App<S, C>>>;

pub(crate) async fn stock<S: Reports, C: Shared>(
    State(app): Way<S, C>,
    caller: Caller,
    asked: Asked,
) -> Result<Json<StockReportBody>, Problem> {
    let report = stock_report(&app, &caller.principal.tenant, asked).await?;
    Ok(Json(report))
}

pub(crate) async fn stock_sheet<S: Reports, C: Shared>(
    State(app): Way<S, C>,
    caller: Caller,
    asked: Asked,
) -> Result<Response, Problem> {
    let report = stock_report(&app, &caller.principal.tenant, asked).await?;
    let name = format!("stock-{}.csv", report.to);
    let rows = report.rows.iter().map(StockRowBody::cells);
    sheet(&name, StockRowBody::COLUMNS, rows)
}

/// What it is made of is asked for before the figures, so that they have at least that.
async fn stock_report<S: Reports, C: Shared>(
    app: &App<S, C>,
    shop: &TenantId,
    asked: Asked,
) -> Result<StockReportBody, Problem> {
    let known = "below and limit only; below is a number of days";
    let Query(asked) = asked.map_err(|_| Problem::bad_request(known))?;
    let (below, limit) = (asked.below, page_size(asked.limit)?);
    let to = app.clock.now().to_zoned(TimeZone::UTC).date();
    let from = to.saturating_sub((DAYS - 1).days());
    let as_of = as_of(app, shop).await?;
    let news = app.reports.stock_news(shop).await?;
    let asked = CoverAsked { below, limit };
    let cover = app.reports.stock_cover(shop, &(from..=to), asked).await?;
    let row = |cover| StockRowBody::of(cover, DAYS.into());
    Ok(StockReportBody {
        from: from.to_string(),
        to: to.to_string(),
        as_of,
        stock_as_of: news.as_ref().map(Into::into),
        rows: cover.iter().map(row).collect(),
    })
}
