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
use crate::destination::{Destination, Kept};
use crate::intent::{Intent, Phase};
use crate::params::Params;
use crate::sms::Sent;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/payments", get(payments))
        .route("/shipments", get(shipments))
        .route("/messages", get(messages))
        .route("/profiles", get(profiles))
        .route("/calls", get(calls))
        .route("/late", get(late))
}

async fn payments(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    let order_id = param(query.as_ref(), "order_id");
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
    let order_id = param(query.as_ref(), "order_id");
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

/// Messages, oldest first.
async fn messages(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    let to = param(query.as_ref(), "to");
    let world = app.world();
    let wanted = |sent: &&Sent| to.as_ref().is_none_or(|to| *to == sent.message.text.to);
    let rows = world.parties.sms.iter().filter(wanted).map(message_row);
    Json(rows.collect::<Vec<_>>()).into_response()
}

/// Versions of profiles, in the order in which they were kept.
async fn profiles(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    let user = param(query.as_ref(), "user");
    let destination = param(query.as_ref(), "destination");
    let named = destination.as_deref().map(Destination::named);
    let world = app.world();
    let wanted = |kept: &&Kept| {
        user.as_ref().is_none_or(|user| *user == kept.user)
            && named.is_none_or(|named| named == Some(kept.destination))
    };
    let history = world.parties.destinations.history();
    let rows = history.filter(wanted).map(profile_row);
    Json(rows.collect::<Vec<_>>()).into_response()
}

async fn calls(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    let about = |name: &str| param(query.as_ref(), name);
    let about = about("match").or_else(|| about("order_id"));
    Json(app.calls.totals(about.as_deref())).into_response()
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

fn message_row(sent: &Sent) -> Value {
    let text = &sent.message.text;
    json!({
        "sid": sent.message.sid,
        "account": text.account,
        "to": text.to,
        "from": text.from,
        "body": text.body,
        "at": time(sent.at),
    })
}

fn profile_row(kept: &Kept) -> Value {
    json!({
        "destination": kept.destination,
        "user": kept.user,
        "version": kept.version,
        "erased": kept.erased,
        "at": time(kept.at),
    })
}

fn time(ms: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(ms).ok()
}

fn param(query: Option<&String>, name: &str) -> Option<String> {
    let mut params = Params::parse(query?.as_bytes()).ok()?;
    params.take(name)
}
