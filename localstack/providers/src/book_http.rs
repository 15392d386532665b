//! The book as checkers read it: the third parties' own view of what happened.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::app::App;
use crate::carrier::{Shipment, shipment_json};
use crate::intent::{Intent, Phase};
use crate::params::Params;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/payments", get(payments))
        .route("/shipments", get(shipments))
        .route("/calls", get(calls))
        .route("/late", get(late))
}

async fn payments(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    let order_id = order_id(query);
    let world = app.world();
    let wanted = |intent: &&Intent| order_id.is_none() || intent.order_id() == order_id.as_deref();
    let rows: Vec<Value> = world
        .parties
        .payment
        .iter()
        .filter(wanted)
        .map(payment_row)
        .collect();
    Json(rows).into_response()
}

async fn shipments(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    let order_id = order_id(query);
    let world = app.world();
    let rows: Vec<Value> = world
        .parties
        .carrier
        .iter()
        .filter(|(reference, _)| order_id.as_ref().is_none_or(|order| order == *reference))
        .map(|(reference, shipment)| shipment_row(reference, shipment))
        .collect();
    Json(rows).into_response()
}

async fn calls(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    Json(app.calls.totals(order_id(query).as_deref())).into_response()
}

async fn late(State(app): State<Arc<App>>) -> Response {
    let world = app.world();
    let rows: Vec<Value> = world
        .late
        .values()
        .map(|late| json!({"id": late.id, "due": time(late.due), "request": late.request}))
        .collect();
    Json(rows).into_response()
}

fn payment_row(intent: &Intent) -> Value {
    let decline_code = match &intent.phase {
        Phase::Declined { code } => Some(code),
        _ => None,
    };
    json!({
        "intent": intent.id,
        "order_id": intent.order_id(),
        "attempt": intent.terms.metadata.get("attempt"),
        "status": intent.status(),
        "currency": intent.terms.currency,
        "amount": intent.terms.amount,
        "authorised": intent.authorised(),
        "captured": intent.captured(),
        "refunded": intent.refunded(),
        "cancelled": intent.cancelled(),
        "open": intent.open(),
        "decline_code": decline_code,
        "created_at": time(intent.created_at),
        "keys": intent.keys,
    })
}

fn shipment_row(reference: &str, shipment: &Shipment) -> Value {
    let mut row = shipment_json(reference, shipment);
    if let Value::Object(fields) = &mut row {
        fields.insert("order_id".to_owned(), json!(reference));
        fields.insert("was_created".to_owned(), json!(shipment.parcel().is_some()));
    }
    row
}

fn time(ms: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(ms).ok()
}

fn order_id(query: Option<String>) -> Option<String> {
    let mut params = Params::parse(query?.as_bytes()).ok()?;
    params.take("order_id")
}
