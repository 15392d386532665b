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
use report_pages::{By, ByTime, MOST_DAYS, Shared, days_of, question, sheet};
use serde::Deserialize;

use crate::routes::{App, Reports};

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
type Way<S, C> = State<Arc<App<S, C>>>;

pub(crate) async fn daily<S: Reports, C: Shared>(
    State(app): Way<S, C>,
    caller: Caller,
    asked: Asked<ByTime>,
) -> Result<Json<DailyReportBody>, Problem> {
    let report = daily_report(&app, &caller.principal.tenant, asked).await?;
    Ok(Json(report))
}

pub(crate) async fn daily_sheet<S: Reports, C: Shared>(
    State(app): Way<S, C>,
    caller: Caller,
    asked: Asked<ByTime>,
) -> Result<Response, Problem> {
    let report = daily_report(&app, &caller.principal.tenant, asked).await?;
    let name = format!("sales-{}-{}.csv", report.from, report.to);
    let rows = report.rows.iter().map(SalesRowBody::cells);
    sheet(&name, SalesRowBody::COLUMNS, rows)
}

pub(crate) async fn products<S: Reports, C: Shared>(
    State(app): Way<S, C>,
    caller: Caller,
    asked: Asked<Products>,
) -> Result<Json<ProductReportBody>, Problem> {
    let report = product_report(&app, &caller.principal.tenant, asked).await?;
    Ok(Json(report))
}

pub(crate) async fn products_sheet<S: Reports, C: Shared>(
    State(app): Way<S, C>,
    caller: Caller,
    asked: Asked<Products>,
) -> Result<Response, Problem> {
    let report = product_report(&app, &caller.principal.tenant, asked).await?;
    let name = format!("products-{}-{}.csv", report.from, report.to);
    let rows = report.rows.iter().map(ProductRowBody::cells);
    sheet(&name, ProductRowBody::COLUMNS, rows)
}

pub(crate) async fn failures<S: Reports, C: Shared>(
    State(app): Way<S, C>,
    caller: Caller,
    asked: Asked<Failures>,
) -> Result<Json<FailureReportBody>, Problem> {
    let known = "from and to only";
    let Query(asked) = asked.map_err(|_| Problem::bad_request(known))?;
    let days = days(&app, (&asked.from, &asked.to), MOST_DAYS)?;
    let shop = &caller.principal.tenant;
    let as_of = as_of(&app, shop).await?;
    let question = question(
        shop,
        as_of.as_ref(),
        format!("failures/{}", By::Day.of(&days)),
    );
    let failures = async {
        let failures = app.reports.failures_by_day(shop, &days).await?;
        Ok(FailureRowBody::all(&failures))
    };
    let rows = app.answers.of(&question, failures).await?;
    Ok(Json(FailureReportBody {
        from: days.start().to_string(),
        to: days.end().to_string(),
        as_of,
        rows,
    }))
}

async fn daily_report<S: Reports, C: Shared>(
    app: &App<S, C>,
    shop: &TenantId,
    asked: Asked<ByTime>,
) -> Result<DailyReportBody, Problem> {
    let Query(asked) = asked.map_err(|_| Problem::bad_request(ByTime::KNOWN))?;
    let (by, days) = asked.rows(app.clock.now())?;
    let as_of = as_of(app, shop).await?;
    let question = question(shop, as_of.as_ref(), format!("sales/{}", by.of(&days)));
    let sales = async {
        let sales = match by {
            By::Day => app.reports.sales_by_day(shop, &days).await?,
            By::Hour => app.reports.sales_by_hour(shop, &days).await?,
        };
        Ok(SalesRowBody::all(&sales))
    };
    let rows = app.answers.of(&question, sales).await?;
    Ok(DailyReportBody {
        from: days.start().to_string(),
        to: days.end().to_string(),
        as_of,
        rows,
    })
}

async fn product_report<S: Reports, C: Shared>(
    app: &App<S, C>,
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
    let what = format!("products/{}/{code}/{limit}", By::Day.of(&days));
    let question = question(shop, as_of.as_ref(), what);
    let products = async {
        let top = app.reports.top_products(shop, &days, code, limit).await?;
        Ok(top.iter().map(Into::into).collect())
    };
    let rows = app.answers.of(&question, products).await?;
    Ok(ProductReportBody {
        from: days.start().to_string(),
        to: days.end().to_string(),
        currency: code.to_owned(),
        as_of,
        rows,
    })
}

fn days<S, C>(
    app: &App<S, C>,
    (from, to): (&Option<String>, &Option<String>),
    most: i32,
) -> Result<DayRange, Problem> {
    days_of((from.as_deref(), to.as_deref()), app.clock.now(), most)
}

/// Asked for before the figures, so that they have at least what it tells of.
pub(crate) async fn as_of<S: Reports, C: Shared>(
    app: &App<S, C>,
    shop: &TenantId,
) -> Result<Option<AsOfBody>, StoreError> {
    let freshness = app.reports.freshness(shop).await?;
    Ok(freshness.as_ref().map(Into::into))
}
