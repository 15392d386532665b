//! Intents, refunds and refusals in the JSON that Stripe uses.

use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::intent::{Intent, Phase, Refund};
use crate::payment::{Effect, Refusal};

/// The answer to a command that had `effect` and left the intent as given.
pub(crate) fn effect_answer(effect: &Effect, intent: &Intent, at: i64) -> Answer {
    match effect {
        Effect::Created {
            declined: Some(code),
            ..
        } => card_declined(code, intent),
        Effect::Refunded {
            refund,
            amount,
            metadata,
            ..
        } => {
            let refund = Refund {
                id: refund.clone(),
                amount: *amount,
                at,
                metadata: metadata.clone(),
            };
            Answer::new(200, &refund_json(&refund, intent))
        }
        _ => Answer::new(200, &intent_json(intent)),
    }
}

pub(crate) fn refusal_answer(refusal: &Refusal) -> Answer {
    match refusal {
        Refusal::NoSuchIntent { id, named_in_path } => no_such_intent(id, *named_in_path),
        Refusal::NoSuchMethod { id } => invalid(
            "resource_missing",
            "payment_method",
            &format!("No such PaymentMethod: '{id}'"),
        ),
        Refusal::UnexpectedState { intent, verb } => unexpected_state(intent, verb),
        Refusal::CaptureTooLarge { capturable } => invalid(
            "amount_too_large",
            "amount_to_capture",
            &format!("The remaining capturable amount for this PaymentIntent is {capturable}."),
        ),
        Refusal::RefundTooLarge { refundable } => invalid(
            "amount_too_large",
            "amount",
            &format!("Refund amount is greater than the unrefunded amount {refundable}."),
        ),
        Refusal::AlreadyRefunded => invalid(
            "charge_already_refunded",
            "payment_intent",
            "The charge has already been refunded.",
        ),
        Refusal::Declined { code, intent } => card_declined(code, intent),
    }
}

pub(crate) fn intent_json(intent: &Intent) -> Value {
    let (cancelled_at, reason) = match &intent.phase {
        Phase::Cancelled { at, reason, .. } => (Some(at / 1000), reason.clone()),
        _ => (None, None),
    };
    let last_error = match &intent.phase {
        Phase::Declined { code } => card_error(code),
        _ => Value::Null,
    };
    json!({
        "id": intent.id,
        "object": "payment_intent",
        "amount": intent.terms.amount,
        "amount_capturable": intent.open(),
        "amount_received": intent.captured(),
        "canceled_at": cancelled_at,
        "cancellation_reason": reason,
        "capture_method": "manual",
        "created": intent.created_at / 1000,
        "currency": intent.terms.currency,
        "last_payment_error": last_error,
        "livemode": false,
        "metadata": intent.terms.metadata,
        "payment_method": intent.terms.payment_method,
        "status": intent.status(),
    })
}

fn refund_json(refund: &Refund, intent: &Intent) -> Value {
    json!({
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount,
        "created": refund.at / 1000,
        "currency": intent.terms.currency,
        "metadata": refund.metadata,
        "payment_intent": intent.id,
        "status": "succeeded",
    })
}

/// Newest first.
pub(crate) fn refunds_json(intent: &Intent) -> Value {
    let refunds = intent.refunds.iter().rev();
    json!({
        "object": "list",
        "url": "/v1/refunds",
        "has_more": false,
        "data": refunds.map(|refund| refund_json(refund, intent)).collect::<Vec<_>>(),
    })
}

pub(crate) fn list_json<'a>(intents: impl Iterator<Item = &'a Intent>) -> Value {
    json!({
        "object": "list",
        "url": "/v1/payment_intents",
        "has_more": false,
        "data": intents.map(intent_json).collect::<Vec<_>>(),
    })
}

pub(crate) fn no_such_intent(id: &str, named_in_path: bool) -> Answer {
    let (status, name) = if named_in_path {
        (404, "intent")
    } else {
        (400, "payment_intent")
    };
    let message = format!("No such payment_intent: '{id}'");
    Answer::new(status, &invalid_json("resource_missing", name, &message))
}

pub(crate) fn unauthorised() -> Answer {
    let message = "You did not provide an API key.";
    Answer::new(
        401,
        &json!({"error": {"type": "invalid_request_error", "message": message}}),
    )
}

fn unexpected_state(intent: &Intent, verb: &str) -> Answer {
    let message = format!(
        "This PaymentIntent could not be {verb} because it has a status of {}.",
        intent.status()
    );
    Answer::new(
        400,
        &json!({"error": {
            "type": "invalid_request_error",
            "code": "payment_intent_unexpected_state",
            "message": message,
            "payment_intent": intent_json(intent),
        }}),
    )
}

fn card_declined(code: &str, intent: &Intent) -> Answer {
    let mut error = Map::new();
    if let Value::Object(fields) = card_error(code) {
        error.extend(fields);
    }
    error.insert("payment_intent".to_owned(), intent_json(intent));
    Answer::new(402, &json!({"error": error}))
}

fn card_error(code: &str) -> Value {
    json!({
        "type": "card_error",
        "code": "card_declined",
        "decline_code": code,
        "message": "Your card was declined.",
    })
}

fn invalid(code: &str, name: &str, message: &str) -> Answer {
    Answer::new(400, &invalid_json(code, name, message))
}

fn invalid_json(code: &str, name: &str, message: &str) -> Value {
    json!({"error": {
        "type": "invalid_request_error",
        "code": code,
        "param": name,
        "message": message,
    }})
}
