//! The proxy's own surface, below `/_proxy`.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};

use crate::app::App;
use crate::ledger::Calls;
use crate::trace::Sum;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/health", get(health))
        .route("/calls", get(calls))
        .route("/trace", get(trace).delete(forget))
        // Nothing below this path is ever passed on.
        .fallback(unknown)
}

async fn health() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

async fn calls(State(app): State<Arc<App>>) -> Json<Calls> {
    Json(app.ledger.calls())
}

async fn trace(State(app): State<Arc<App>>) -> Json<Vec<Sum>> {
    Json(app.ledger.trace())
}

async fn forget(State(app): State<Arc<App>>) -> StatusCode {
    app.ledger.forget();
    StatusCode::NO_CONTENT
}

async fn unknown() -> (StatusCode, Json<Value>) {
    let message = "the proxy has no such path; see its README";
    (StatusCode::NOT_FOUND, Json(json!({"error": message})))
}
