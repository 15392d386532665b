//! The provider's webhooks: <https://docs.stripe.com/api/events>. Only what was signed by the
//! provider is read here.

use contracts::edge::BadInput;
use domain::{
    Attempt, Currency, Money, News, NewsId, OrderId, PaymentHappened, ProviderReference,
    ToldOfPayment,
};
use serde::Deserialize;
use serde_json::Value;

use super::wire::{Intent, Refund, Status};
use crate::client::word;
use crate::unreadable;

/// The header with the signature of the provider's webhooks.
pub const PAYMENT_SIGNATURE: &str = "stripe-signature";

#[derive(Deserialize)]
struct Event {
    id: String,
    r#type: String,
    data: Data,
}

/// Its shape is that of the type.
#[derive(Deserialize)]
struct Data {
    object: Value,
}

/// Reads one webhook. What is of another kind, or of no order of ours, tells nothing.
///
/// # Errors
/// [`BadInput`] for what the provider would never send.
pub fn payment_news(body: &[u8]) -> Result<News<ToldOfPayment>, BadInput> {
    let event: Event = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    let id = NewsId::parse(&event.id)?;
    let status = match event.r#type.as_str() {
        "payment_intent.succeeded" => Status::Succeeded,
        "payment_intent.payment_failed" => Status::RequiresPaymentMethod,
        "payment_intent.canceled" => Status::Canceled,
        "refund.failed" => {
            let told = refund_that_failed(event.data.object)?;
            return Ok(News { id, told });
        }
        _ => return Ok(News { id, told: None }),
    };
    let intent: Intent =
        serde_json::from_value(event.data.object).map_err(|error| unreadable(&error))?;
    if intent.status != status {
        return Err(BadInput("the status is not that of the event".to_owned()));
    }
    let told = told(&intent)?;
    Ok(News { id, told })
}

/// <https://docs.stripe.com/refunds#failed-refunds>
fn refund_that_failed(object: Value) -> Result<Option<ToldOfPayment>, BadInput> {
    let refund: Refund = serde_json::from_value(object).map_err(|error| unreadable(&error))?;
    if refund.status.may_be_made() {
        return Err(BadInput("the status is not that of the event".to_owned()));
    }
    let order_id = refund.metadata.get("order_id");
    let Some(order_id) = order_id.and_then(|text| OrderId::parse(text).ok()) else {
        return Ok(None);
    };
    Ok(Some(ToldOfPayment {
        order_id,
        attempt: Attempt::FIRST,
        reference: ProviderReference::parse(&refund.id)?,
        amount: money(refund.amount, &refund.currency)?,
        happened: PaymentHappened::RefundFailed,
    }))
}

fn money(minor: i64, currency: &str) -> Result<Money, BadInput> {
    let currency = Currency::parse(&currency.to_ascii_uppercase())?;
    Ok(Money::new(minor, currency)?)
}

fn told(intent: &Intent) -> Result<Option<ToldOfPayment>, BadInput> {
    let Some((order_id, attempt)) = intent.of() else {
        return Ok(None);
    };
    let (minor, happened) = match intent.status {
        Status::Succeeded => (intent.amount_received, PaymentHappened::Captured),
        Status::Canceled => (intent.amount, PaymentHappened::Cancelled),
        _ => {
            let reason = word(intent.reason());
            (intent.amount, PaymentHappened::Declined { reason })
        }
    };
    Ok(Some(ToldOfPayment {
        order_id,
        attempt,
        reference: ProviderReference::parse(&intent.id)?,
        amount: money(minor, &intent.currency)?,
        happened,
    }))
}

impl Intent {
    /// The order and the attempt that it was made for, where we made it.
    fn of(&self) -> Option<(OrderId, Attempt)> {
        let text = |name: &str| self.metadata.get(name).map(String::as_str);
        let order_id = OrderId::parse(text("order_id")?).ok()?;
        let attempt = text("attempt")?.parse().ok()?;
        Some((order_id, Attempt(attempt)))
    }
}
