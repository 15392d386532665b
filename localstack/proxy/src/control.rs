//! The proxy's own surface, below `/_proxy`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::app::App;
use crate::faults::Standing;
use crate::ledger::Calls;
use crate::physics::Physics;
use crate::trace::Sum;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/health", get(health))
        .route("/calls", get(calls))
        .route("/trace", get(trace).delete(forget))
        .route("/physics", get(physics).put(set_physics))
        .route("/faults", get(faults).put(set_faults).delete(heal))
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

async fn physics(State(app): State<Arc<App>>) -> Json<Physics> {
    Json(Physics::clone(&app.gate.physics()))
}

async fn set_physics(State(app): State<Arc<App>>, body: Bytes) -> Response {
    let set = read(&body).and_then(|physics| app.gate.set(physics).map_err(|no| no.to_string()));
    match set {
        Ok(()) => physics(State(app)).await.into_response(),
        Err(message) => bad(&message),
    }
}

async fn faults(State(app): State<Arc<App>>) -> Json<Vec<Standing>> {
    Json(app.faults.list())
}

async fn set_faults(State(app): State<Arc<App>>, body: Bytes) -> Response {
    let now = app.clock.now();
    let set = read(&body).and_then(|rules| {
        let replaced = app.faults.replace(rules, now);
        replaced.map_err(|no| no.to_string())
    });
    match set {
        Ok(()) => faults(State(app)).await.into_response(),
        Err(message) => bad(&message),
    }
}

async fn heal(State(app): State<Arc<App>>) -> StatusCode {
    app.faults.heal();
    StatusCode::NO_CONTENT
}

async fn unknown() -> (StatusCode, Json<Value>) {
    let message = "the proxy has no such path; see its README";
    (StatusCode::NOT_FOUND, Json(json!({"error": message})))
}

/// The error says where in the body it is.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let mut json = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut json).map_err(|error| error.to_string())
}

fn bad(message: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": message}))).into_response()
}
