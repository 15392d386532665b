//! Products.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::http::{CreateProduct, ProductBody, ProductListBody, UpdateProduct};
use domain::ports::SaveError;
use domain::{Product, ProductId};
use http_edge::{By, Caller, IfMatch, Json, Problem, etag};

use crate::lists::{Asked, List};
use crate::routes::{App, Store, id_taken};

pub(crate) async fn list<S: Store>(
    State(app): State<Arc<App<S>>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<ProductListBody>, Problem> {
    let list = List::new(&app, "products", asked)?;
    let page = app.store.list_products(&list.query).await?;
    Ok(Json(ProductListBody {
        products: page.items.iter().map(Into::into).collect(),
        next_cursor: list.cursor(&app, page.next),
    }))
}

fn shown(product: &Product) -> impl IntoResponse + use<> {
    let tag = [(header::ETAG, etag(product.version))];
    (tag, axum::Json(ProductBody::from(product)))
}

/// What is of another shop is not there.
async fn find<S: Store>(app: &App<S>, id: &str) -> Result<Product, Problem> {
    let id = ProductId::parse(id).map_err(|_| Problem::not_found())?;
    let product = app.store.product(&id).await?;
    product
        .filter(|product| product.tenant == app.tenant)
        .ok_or_else(Problem::not_found)
}

pub(crate) async fn show<S: Store>(
    State(app): State<Arc<App<S>>>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    Ok(shown(&find(&app, &id).await?))
}

pub(crate) async fn create<S: Store>(
    State(app): State<Arc<App<S>>>,
    (caller, By(author)): (Caller, By),
    Json(body): Json<CreateProduct>,
) -> Result<Response, Problem> {
    app.must_run_this_shop(&caller)?;
    let (id, details) = body.parse().map_err(Problem::invalid)?;
    let id = id.unwrap_or_else(|| (app.new_id)().into());
    let product = Product::create(id, app.tenant.clone(), details, app.clock.now());
    let saved = app.store.by(&author).save_product(product).await;
    let product = saved.map_err(|error| match error {
        SaveError::Conflict(_) => id_taken(),
        SaveError::Store(error) => error.into(),
    })?;
    let location = format!("/api/v1/products/{}", product.id);
    let place = [(header::LOCATION, location)];
    Ok((StatusCode::CREATED, place, shown(&product)).into_response())
}

pub(crate) async fn update<S: Store>(
    State(app): State<Arc<App<S>>>,
    (caller, By(author)): (Caller, By),
    Path(id): Path<String>,
    seen: IfMatch,
    Json(body): Json<UpdateProduct>,
) -> Result<impl IntoResponse, Problem> {
    app.must_run_this_shop(&caller)?;
    let details = body.parse().map_err(Problem::invalid)?;
    let mut product = find(&app, &id).await?;
    seen.demand(product.version)?;
    if product.update(details, app.clock.now()) {
        product = IfMatch::saved(app.store.by(&author).save_product(product).await)?;
    }
    Ok(shown(&product))
}
