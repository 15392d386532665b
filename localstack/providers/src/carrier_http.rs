//! The carrier's routes. The caller's reference is the key: repeating a request is safe.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{post, put};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::app::{App, Request, Work};
use crate::carrier::{Action, Command};
use crate::gate;
use crate::operation::{Operation, Subject};
use crate::party::{Call, Query};

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/shipments/{reference}", put(create).get(retrieve))
        .route("/shipments/{reference}/cancel", post(cancel))
        .route("/shipments/{reference}/ship", post(ship))
        .route("/shipments/{reference}/deliver", post(deliver))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewShipment {
    ship_to: Map<String, Value>,
    lines: Vec<Value>,
}

async fn create(
    State(app): State<Arc<App>>,
    Path(reference): Path<String>,
    body: Bytes,
) -> Response {
    let parsed: NewShipment = match serde_json::from_slice(&body) {
        Ok(parsed) => parsed,
        Err(error) => return invalid(&error.to_string()).into_response(),
    };
    if parsed.lines.is_empty() {
        return invalid("a shipment needs a line").into_response();
    }
    let action = Action::Create {
        ship_to: Value::Object(parsed.ship_to),
        lines: Value::Array(parsed.lines),
    };
    act(app, Operation::CarrierCreate, reference, action).await
}

async fn cancel(State(app): State<Arc<App>>, Path(reference): Path<String>) -> Response {
    act(app, Operation::CarrierCancel, reference, Action::Cancel).await
}

async fn ship(State(app): State<Arc<App>>, Path(reference): Path<String>) -> Response {
    act(app, Operation::CarrierShip, reference, Action::Ship).await
}

async fn deliver(State(app): State<Arc<App>>, Path(reference): Path<String>) -> Response {
    act(app, Operation::CarrierDeliver, reference, Action::Deliver).await
}

async fn retrieve(State(app): State<Arc<App>>, Path(reference): Path<String>) -> Response {
    let subject = subject(Operation::CarrierRetrieve, &reference);
    gate::pass(app, subject, Work::Read(Query::Shipment(reference))).await
}

async fn act(app: Arc<App>, operation: Operation, reference: String, action: Action) -> Response {
    let subject = subject(operation, &reference);
    let call = Call::Carrier(Command { reference, action });
    gate::pass(app, subject, Work::Write(Request { call, key: None })).await
}

fn subject(operation: Operation, reference: &str) -> Subject {
    Subject::new(operation, Some(reference.to_owned()))
}

fn invalid(message: &str) -> Answer {
    Answer::new(
        400,
        &json!({"error": {"code": "invalid_request", "message": message}}),
    )
}
