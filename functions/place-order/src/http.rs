//! The route.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::http::{OrderPlacedBody, PlaceOrder};
use domain::ports::{NoteAuthor, ReadCatalogue};
use domain::{PlacementError, Tariff};
use http_edge::{
    Api, By, Caller, Correlation, IdempotencyKey, Json, Policy, Problem, key_reused, mark_replayed,
};
use intake::{Orders, PlaceError, Placed, Request, place};
use lambda_boot::Clock;

/// What the route works with.
#[derive(Debug)]
pub struct App<O, C> {
    /// The orders.
    pub orders: O,
    /// The catalogue.
    pub catalogue: C,
    /// What is added to prices.
    pub tariff: Tariff,
    /// The time.
    pub clock: Clock,
}

/// The route at work.
pub fn api<O, C>(app: App<O, C>) -> Api
where
    O: Orders + NoteAuthor + Send + Sync + 'static,
    C: ReadCatalogue + Send + Sync + 'static,
{
    routes().with_state(Arc::new(app))
}

/// `POST /api/v1/orders`.
pub fn routes<O, C>() -> Api<Arc<App<O, C>>>
where
    O: Orders + NoteAuthor + Send + Sync + 'static,
    C: ReadCatalogue + Send + Sync + 'static,
{
    Api::default().post("/api/v1/orders", Policy::Owner(&[]), post_order::<O, C>)
}

async fn post_order<O, C>(
    State(app): State<Arc<App<O, C>>>,
    Caller { principal, .. }: Caller,
    (By(author), correlation): (By, Correlation),
    key: IdempotencyKey,
    Json(body): Json<PlaceOrder>,
) -> Result<Response, Problem>
where
    O: Orders + NoteAuthor + Send + Sync + 'static,
    C: ReadCatalogue + Send + Sync + 'static,
{
    let request = Request {
        key: key.into_string(),
        placement: body.parse().map_err(Problem::invalid)?,
        tenant: principal.tenant,
        customer: principal.subject.clone(),
        asked_by: principal.subject,
        email: principal.email,
        traceparent: correlation.trace(),
    };
    let orders = app.orders.by(&author);
    let prices = (&app.catalogue, &app.tariff);
    let placed = place(&orders, prices, app.clock.now(), request).await;
    placed.map(created).map_err(refusal)
}

fn created(placed: Placed) -> Response {
    http_edge::note_order(placed.facts.id);
    let body = OrderPlacedBody::from(&placed.facts);
    let location = format!("/api/v1/orders/{}", body.order_id);
    let mut response = (
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        axum::Json(body),
    )
        .into_response();
    if placed.replayed {
        mark_replayed(&mut response);
    }
    response
}

fn refusal(error: PlaceError) -> Problem {
    let detail = error.to_string();
    match error {
        PlaceError::KeyReused => key_reused(),
        PlaceError::Placement(refused) => placement_problem(&refused).detail(detail),
        PlaceError::TotalDiffers { actual, .. } => {
            Problem::new(StatusCode::CONFLICT, "total-differs", "Total differs")
                .detail(detail)
                .with("total_minor", actual.minor())
                .with("currency", actual.currency().code())
        }
        error @ (PlaceError::Store(_) | PlaceError::Raced) => error.into(),
    }
}

fn placement_problem(refused: &PlacementError) -> Problem {
    let (slug, title) = match refused {
        PlacementError::UnknownProduct(_) => ("unknown-product", "Unknown product"),
        PlacementError::InactiveProduct(_) => ("product-not-on-sale", "Product not on sale"),
        PlacementError::Money(_) => ("amount", "Amount"),
        _ => ("invalid-body", "Invalid body"),
    };
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, slug, title)
}
