//! Moving stock. What was done is kept for good, with who did it and why.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use contracts::http::{Adjust, MovementBody, ParsedMovement, Restock};
use domain::ports::{MoveError, Moved};
use domain::{MovementId, Sku, StockMovement};
use http_edge::{By, Caller, IdempotencyKey, Json, Problem, key_reused, mark_replayed};

use crate::routes::{App, Catalogue, Store};

pub(crate) async fn restock<S: Store, C: Catalogue>(
    State(app): State<Arc<App<S, C>>>,
    (caller, by): (Caller, By),
    Path(sku): Path<String>,
    key: IdempotencyKey,
    Json(body): Json<Restock>,
) -> Result<Response, Problem> {
    let sku = app.sku(&caller, &sku)?;
    let asked = body.parse().map_err(Problem::invalid)?;
    run(&app, (caller, by), (sku, asked), key).await
}

pub(crate) async fn adjust<S: Store, C: Catalogue>(
    State(app): State<Arc<App<S, C>>>,
    (caller, by): (Caller, By),
    Path(sku): Path<String>,
    key: IdempotencyKey,
    Json(body): Json<Adjust>,
) -> Result<Response, Problem> {
    let sku = app.sku(&caller, &sku)?;
    let asked = body.parse().map_err(Problem::invalid)?;
    run(&app, (caller, by), (sku, asked), key).await
}

async fn run<S: Store, C: Catalogue>(
    app: &App<S, C>,
    (caller, By(author)): (Caller, By),
    (sku, asked): (Sku, ParsedMovement),
    key: IdempotencyKey,
) -> Result<Response, Problem> {
    let who = caller.principal;
    let movement = StockMovement {
        id: MovementId::asked(&who.tenant, &who.subject, key.as_str()),
        sku,
        by: asked.by,
        kind: asked.kind,
        reason: asked.reason,
        who: who.subject.to_string(),
        at: app.clock.now(),
    };
    let moved = app.stock.by(&author).move_stock(movement).await;
    moved.map(done).map_err(refusal)
}

fn done(moved: Moved) -> Response {
    let body = MovementBody::from(&moved.movement);
    let mut response = (StatusCode::CREATED, axum::Json(body)).into_response();
    if moved.replayed {
        mark_replayed(&mut response);
    }
    response
}

fn refusal(error: MoveError) -> Problem {
    let detail = error.to_string();
    let conflict = |slug, title| Problem::new(StatusCode::CONFLICT, slug, title).detail(detail);
    match error {
        MoveError::KeyReused => key_reused(),
        MoveError::UnknownSku(_) => Problem::not_found(),
        MoveError::TooFew { available } => {
            conflict("too-few-pieces", "Too few pieces").with("available", available)
        }
        MoveError::TooMany => conflict("too-many-pieces", "Too many pieces"),
        MoveError::Store(error) => error.into(),
    }
}
