//! The route.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::http::{OrderPlacedBody, PlaceOrder};
use domain::PlacementError;
use domain::ports::ReadCatalogue;
use http_edge::{Api, Caller, Correlation, Json, Policy, Problem};
use lambda_boot::Clock;

use crate::place::{Orders, PlaceError, Placed, Request, place};

/// IETF draft-ietf-httpapi-idempotency-key-header.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// On an answer that an earlier request got first.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Longest key, in characters.
const MAX_KEY: usize = 255;

/// What the route works with.
#[derive(Debug)]
pub struct App<O, C> {
    /// The orders.
    pub orders: O,
    /// The catalogue.
    pub catalogue: C,
    /// The time.
    pub clock: Clock,
}

/// The route at work.
pub fn api<O, C>(app: App<O, C>) -> Api
where
    O: Orders + Send + Sync + 'static,
    C: ReadCatalogue + Send + Sync + 'static,
{
    routes().with_state(Arc::new(app))
}

/// `POST /api/v1/orders`.
pub fn routes<O, C>() -> Api<Arc<App<O, C>>>
where
    O: Orders + Send + Sync + 'static,
    C: ReadCatalogue + Send + Sync + 'static,
{
    Api::default().post("/api/v1/orders", Policy::Owner(&[]), post_order::<O, C>)
}

async fn post_order<O, C>(
    State(app): State<Arc<App<O, C>>>,
    Caller { principal, .. }: Caller,
    correlation: Correlation,
    headers: HeaderMap,
    Json(body): Json<PlaceOrder>,
) -> Result<Response, Problem>
where
    O: Orders + Send + Sync + 'static,
    C: ReadCatalogue + Send + Sync + 'static,
{
    let request = Request {
        key: idempotency_key(&headers)?,
        placement: body.parse().map_err(Problem::invalid)?,
        tenant: principal.tenant,
        customer: principal.subject,
        email: principal.email,
        traceparent: correlation.trace(),
    };
    let placed = place(&app.orders, &app.catalogue, app.clock.now(), request).await;
    placed.map(created).map_err(refusal)
}

fn idempotency_key(headers: &HeaderMap) -> Result<String, Problem> {
    let key = headers
        .get(IDEMPOTENCY_KEY)
        .and_then(|key| key.to_str().ok());
    let usable = |key: &&str| {
        (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    key.filter(usable).map(str::to_owned).ok_or_else(|| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "idempotency-key",
            "Idempotency-Key needed",
        )
        .detail("send an Idempotency-Key of 1 to 255 visible ASCII characters")
    })
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
        response
            .headers_mut()
            .insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

fn refusal(error: PlaceError) -> Problem {
    let detail = error.to_string();
    match error {
        PlaceError::KeyReused => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency-key-reused",
            "Idempotency-Key reused",
        )
        .detail(detail),
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
