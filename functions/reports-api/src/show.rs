//! What was sold, as JSON and as sheets.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use contracts::http::{
    AsOfBody, DailyReportBody, FailureReportBody, FailureRowBody, ProductReportBody,
    ProductRowBody, SalesRowBody,
};
use domain::ports::{DayRange, StoreError};
use domain::{Currency, TenantId};
use http_edge::{Caller, Json, Problem, page_size};
use serde::Deserialize;

use crate::days::{MOST_BY_HOUR, MOST_DAYS, days_of};
use crate::routes::{App, Reports};
use crate::sheet::sheet;

/// Query of the daily report.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Daily {
    from: Option<String>,
    to: Option<String>,
    by: Option<By>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum By {
    #[default]
    Day,
    Hour,
}

/// Query of the report of products.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Products {
    from: Option<String>,
    to: Option<String>,
    currency: String,
    limit: Option<u8>,
}

/// Query of the report of failures.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Failures {
    from: Option<String>,
    to: Option<String>,
}

type Asked<T> = Result<Query<T>, QueryRejection>;
type Way<S> = State<Arc<App<S>>>;

pub(crate) async fn daily<S: Reports>(
    State(app): Way<S>,
    caller: Caller,
    asked: Asked<Daily>,
) -> Result<Json<DailyReportBody>, Problem> {
    let report = daily_report(&app, &caller.principal.tenant, asked).await?;
    Ok(Json(report))
}

pub(crate) async fn daily_sheet<S: Reports>(
    State(app): Way<S>,
    caller: Caller,
    asked: Asked<Daily>,
) -> Result<Response, Problem> {
    let report = daily_report(&app, &caller.principal.tenant, asked).await?;
    let name = format!("sales-{}-{}.csv", report.from, report.to);
    let rows = report.rows.iter().map(SalesRowBody::cells);
    sheet(&name, SalesRowBody::COLUMNS, rows)
}

pub(crate) async fn products<S: Reports>(
    State(app): Way<S>,
    caller: Caller,
    asked: Asked<Products>,
) -> Result<Json<ProductReportBody>, Problem> {
    let report = product_report(&app, &caller.principal.tenant, asked).await?;
    Ok(Json(report))
}

pub(crate) async fn products_sheet<S: Reports>(
    State(app): Way<S>,
    caller: Caller,
    asked: Asked<Products>,
) -> Result<Response, Problem> {
    let report = product_report(&app, &caller.principal.tenant, asked).await?;
    let name = format!("products-{}-{}.csv", report.from, report.to);
    let rows = report.rows.iter().map(ProductRowBody::cells);
    sheet(&name, ProductRowBody::COLUMNS, rows)
}

pub(crate) async fn failures<S: Reports>(
    State(app): Way<S>,
    caller: Caller,
    asked: Asked<Failures>,
) -> Result<Json<FailureReportBody>, Problem> {
    let known = "from and to only";
    let Query(asked) = asked.map_err(|_| Problem::bad_request(known))?;
    let days = days(&app, (&asked.from, &asked.to), MOST_DAYS)?;
    let shop = &caller.principal.tenant;
    let as_of = as_of(&app, shop).await?;
    let failures = app.reports.failures_by_day(shop, &days).await?;
    Ok(Json(FailureReportBody {
        from: days.start().to_string(),
        to: days.end().to_string(),
        as_of,
        rows: FailureRowBody::all(&failures),
    }))
}

async fn daily_report<S: Reports>(
    app: &App<S>,
    shop: &TenantId,
    asked: Asked<Daily>,
) -> Result<DailyReportBody, Problem> {
    let known = "from, to and by only; by is day or hour";
    let Query(asked) = asked.map_err(|_| Problem::bad_request(known))?;
    let by = asked.by.unwrap_or_default();
    let most = match by {
        By::Day => MOST_DAYS,
        By::Hour => MOST_BY_HOUR,
    };
    let days = days(app, (&asked.from, &asked.to), most)?;
    let as_of = as_of(app, shop).await?;
    let sales = match by {
        By::Day => app.reports.sales_by_day(shop, &days).await?,
        By::Hour => app.reports.sales_by_hour(shop, &days).await?,
    };
    Ok(DailyReportBody {
        from: days.start().to_string(),
        to: days.end().to_string(),
        as_of,
        rows: SalesRowBody::all(&sales),
    })
}

async fn product_report<S: Reports>(
    app: &App<S>,
    shop: &TenantId,
    asked: Asked<Products>,
) -> Result<ProductReportBody, Problem> {
    let known = "currency, and from, to and limit only";
    let Query(asked) = asked.map_err(|_| Problem::bad_request(known))?;
    let limit = page_size(asked.limit)?;
    let currency = Currency::parse(&asked.currency);
    let currency = currency.map_err(|_| Problem::bad_request("currency is a code such as EUR"))?;
    let days = days(app, (&asked.from, &asked.to), MOST_DAYS)?;
    let as_of = as_of(app, shop).await?;
    let code = currency.code();
    let top = app.reports.top_products(shop, &days, code, limit).await?;
    Ok(ProductReportBody {
        from: days.start().to_string(),
        to: days.end().to_string(),
        currency: code.to_owned(),
        as_of,
        rows: top.iter().map(Into::into).collect(),
    })
}

fn days<S>(
    app: &App<S>,
    (from, to): (&Option<String>, &Option<String>),
    most: i32,
) -> Result<DayRange, Problem> {
    days_of((from.as_deref(), to.as_deref()), app.clock.now(), most)
}

/// Asked for before the figures, so that they have at least what it tells of.
pub(crate) async fn as_of<S: Reports>(
    app: &App<S>,
    shop: &TenantId,
) -> Result<Option<AsOfBody>, StoreError> {
    let freshness = app.reports.freshness(shop).await?;
    Ok(freshness.as_ref().map(Into::into))
}
