//! Webhooks in the JSON that Stripe uses for its events. The carrier borrows the form.

use serde_json::{Value, json};

use crate::carrier::{self, Change, Shipment};
use crate::fresh::fresh_id;
use crate::intent::Intent;
use crate::payment;
use crate::payment_wire::intent_json;
use crate::webhook::{Notice, Sender};

/// What the payment provider tells of an effect, which left the intent as given.
pub(crate) fn of_payment(effect: &payment::Effect, intent: &Intent, at: i64) -> Option<Notice> {
    use payment::Effect as E;
    let (kind, object) = match effect {
        E::Created { declined: None, .. } => return None,
        E::Created { .. } => ("payment_intent.payment_failed", intent_json(intent)),
        E::Captured { .. } => ("payment_intent.succeeded", intent_json(intent)),
        E::Cancelled { .. } => ("payment_intent.canceled", intent_json(intent)),
        E::Refunded { .. } => ("charge.refunded", charge_json(intent)),
    };
    let order_id = intent.order_id().map(str::to_owned);
    Some(notice(Sender::Payment, order_id, kind, object, at))
}

/// What the carrier tells of an effect, which left the shipment as given.
pub(crate) fn of_parcel(effect: &carrier::Effect, shipment: &Shipment, at: i64) -> Option<Notice> {
    let kind = match effect.change {
        Change::Shipped => "parcel.handed_over",
        Change::Delivered => "parcel.delivered",
        Change::Created(_) | Change::Cancelled => return None,
    };
    let object = carrier::parcel_json(&effect.reference, shipment);
    let order_id = Some(effect.reference.clone());
    Some(notice(Sender::Carrier, order_id, kind, object, at))
}

fn notice(
    sender: Sender,
    order_id: Option<String>,
    kind: &'static str,
    object: Value,
    at: i64,
) -> Notice {
    let id = format!("evt_{}", fresh_id());
    let event = json!({
        "id": id,
        "object": "event",
        "type": kind,
        "created": at / 1000,
        "livemode": false,
        "data": {"object": object},
    });
    Notice {
        sender,
        order_id,
        id,
        kind,
        body: event.to_string(),
    }
}

fn charge_json(intent: &Intent) -> Value {
    json!({
        "id": intent.id.replacen("pi_", "ch_", 1),
        "object": "charge",
        "amount": intent.terms.amount,
        "amount_captured": intent.captured(),
        "amount_refunded": intent.refunded(),
        "currency": intent.terms.currency,
        "metadata": intent.terms.metadata,
        "payment_intent": intent.id,
        "refunded": intent.refunded() == intent.captured(),
    })
}
