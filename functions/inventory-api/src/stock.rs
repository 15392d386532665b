//! Looking at stock, and saying when it is low.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use contracts::http::{AvailabilityBody, LowStockBody, SetThreshold, StockBody};
use domain::ProductId;
use http_edge::{Caller, Json, Problem, page_size};
use serde::Deserialize;

use crate::routes::{App, Catalogue, Store};

/// What is of another shop is not there.
pub(crate) async fn of_product<S: Store, C: Catalogue>(
    State(app): State<Arc<App<S, C>>>,
    Path(id): Path<String>,
) -> Result<Json<AvailabilityBody>, Problem> {
    let id = ProductId::parse(&id).map_err(|_| Problem::not_found())?;
    let ids = std::slice::from_ref(&id);
    let product = app.catalogue.products(ids).await?.remove(&id);
    let product = product.filter(|product| product.tenant == app.tenant);
    let product = product.ok_or_else(Problem::not_found)?;
    let stock = app.stock.stock(&product.sku).await?;
    Ok(Json(AvailabilityBody::of(&product, stock.as_ref())))
}

pub(crate) async fn show<S: Store, C: Catalogue>(
    State(app): State<Arc<App<S, C>>>,
    caller: Caller,
    Path(sku): Path<String>,
) -> Result<Json<StockBody>, Problem> {
    let sku = app.sku(&caller, &sku)?;
    let stock = app.stock.stock(&sku).await?;
    let stock = stock.ok_or_else(Problem::not_found)?;
    Ok(Json(StockBody::from(&stock)))
}

/// Every order changes the stock, so it is not asked which version was seen.
pub(crate) async fn set_threshold<S: Store, C: Catalogue>(
    State(app): State<Arc<App<S, C>>>,
    caller: Caller,
    Path(sku): Path<String>,
    Json(body): Json<SetThreshold>,
) -> Result<Json<StockBody>, Problem> {
    let sku = app.sku(&caller, &sku)?;
    let low_at = body.parse().map_err(Problem::invalid)?;
    let set = app.stock.set_low_at(&sku, low_at, app.clock.now()).await?;
    let stock = set.ok_or_else(Problem::not_found)?;
    Ok(Json(StockBody::from(&stock)))
}

/// Query of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    cursor: Option<String>,
    limit: Option<u8>,
}

pub(crate) async fn low<S: Store, C: Catalogue>(
    State(app): State<Arc<App<S, C>>>,
    caller: Caller,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<LowStockBody>, Problem> {
    app.must_be_of_this_shop(&caller)?;
    let Query(page) = page.map_err(|_| Problem::bad_request("cursor and limit only"))?;
    let limit = page_size(page.limit)?;
    let list = ["low-stock", app.tenant.as_str()];
    let after = app.cursors.read(&list, page.cursor.as_deref())?;
    let listed = app.stock.list_low(after.as_deref(), limit).await?;
    let next = listed.next.map(|place| app.cursors.make(&list, &place));
    Ok(Json(LowStockBody {
        stock: listed.items.iter().map(Into::into).collect(),
        next_cursor: next,
    }))
}
