//! Products.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use contracts::InvalidBody;
use contracts::http::{CreateProduct, ProductBody, ProductListBody, UpdateProduct};
use domain::ports::SaveError;
use domain::{Product, ProductId, TenantId};
use http_edge::{By, Caller, IfMatch, Json, Problem, etag};
use jiff::Timestamp;
use uuid::Uuid;

use crate::create::Entry;
use crate::lists::{Asked, List};
use crate::routes::{App, Claims, Store};

pub(crate) async fn list<S: Store, C: Claims>(
    State(app): State<Arc<App<S, C>>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<ProductListBody>, Problem> {
    let list = List::new(&app, "products", asked)?;
    let page = app.store.list_products(&list.query).await?;
    Ok(Json(ProductListBody {
        products: page.items.iter().map(Into::into).collect(),
        next_cursor: list.cursor(&app, page.next),
    }))
}

impl Entry for Product {
    type Body = CreateProduct;
    const PATH: &'static str = "/api/v1/products";

    fn asked(
        body: CreateProduct,
        id: Uuid,
        (tenant, now): (TenantId, Timestamp),
    ) -> Result<Self, InvalidBody> {
        let (given, details) = body.parse()?;
        let id = given.unwrap_or_else(|| id.into());
        Ok(Self::create(id, tenant, details, now))
    }

    async fn save(self, store: &impl Store) -> Result<Self, SaveError<Self>> {
        store.save_product(self).await
    }

    fn was_created_as(&self, asked: &Self) -> bool {
        self.was_created_as(asked)
    }

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn shown(&self) -> Response {
        let tag = [(header::ETAG, etag(self.version))];
        (tag, axum::Json(ProductBody::from(self))).into_response()
    }
}

/// What is of another shop is not there.
async fn find<S: Store, C: Claims>(app: &App<S, C>, id: &str) -> Result<Product, Problem> {
    let id = ProductId::parse(id).map_err(|_| Problem::not_found())?;
    let product = app.store.product(&id).await?;
    product
        .filter(|product| product.tenant == app.tenant)
        .ok_or_else(Problem::not_found)
}

pub(crate) async fn show<S: Store, C: Claims>(
    State(app): State<Arc<App<S, C>>>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    Ok(find(&app, &id).await?.shown())
}

pub(crate) async fn update<S: Store, C: Claims>(
    State(app): State<Arc<App<S, C>>>,
    (caller, By(author)): (Caller, By),
    Path(id): Path<String>,
    seen: IfMatch,
    Json(body): Json<UpdateProduct>,
) -> Result<Response, Problem> {
    app.must_run_this_shop(&caller)?;
    let details = body.parse().map_err(Problem::invalid)?;
    let mut product = find(&app, &id).await?;
    seen.demand(product.version)?;
    if product.update(details, app.clock.now()) {
        product = IfMatch::saved(app.store.by(&author).save_product(product).await)?;
    }
    Ok(product.shown())
}
