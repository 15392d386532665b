//! What the mails say.

use contracts::AmountBody;
use contracts::events::{
    Envelope, EventType, InvalidEnvelope, OrderCompleted, OrderConcerned, OrderFailed, OrderRefund,
};
use domain::ports::Mail;
use domain::{Contact, Currency, FailureCode, Money};

/// A mail without an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    subject: String,
    text: String,
}

impl Words {
    pub(crate) fn to(self, contact: &Contact) -> Mail {
        Mail {
            to: contact.email.clone(),
            subject: self.subject,
            text: self.text,
        }
    }
}

/// What to say about the event; nothing about most.
pub(crate) fn words_for(event: &Envelope) -> Result<Option<Words>, InvalidEnvelope> {
    let words = match EventType::parse(&event.event_type) {
        Some(EventType::OrderCompleted) => confirmed(&event.data()?),
        Some(EventType::OrderFailed) => failed(&event.data()?),
        Some(EventType::OrderCancelled) => cancelled(&event.data()?),
        Some(EventType::OrderRefunded) => refunded(&event.data()?),
        _ => return Ok(None),
    };
    Ok(Some(words))
}

fn confirmed(order: &OrderCompleted) -> Words {
    Words {
        subject: format!("Your order {} is confirmed", order.order_id),
        text: format!("Thank you. Your order is paid.{}\n", sums(order)),
    }
}

/// The total, and what it is made of where that is more than the pieces.
fn sums(order: &OrderCompleted) -> String {
    let total = order.total_amount_minor;
    let parts = [
        ("Subtotal", order.subtotal_amount_minor),
        ("Shipping", order.shipping_amount_minor),
        ("Tax", order.tax_amount_minor),
        ("Total", total),
    ];
    let plain = order.shipping_amount_minor == 0 && order.tax_amount_minor == 0;
    let told = parts.get(if plain { 3 } else { 0 }..).unwrap_or_default();
    let told = told.iter().filter_map(|(name, minor)| {
        let sum = amount(*minor, &order.currency)?;
        Some(format!(" {name}: {sum}."))
    });
    told.collect()
}

fn amount(minor: i64, currency: &str) -> Option<Money> {
    Money::new(minor, Currency::parse(currency).ok()?).ok()
}

fn failed(order: &OrderFailed) -> Words {
    let OrderFailed {
        order_id, failure, ..
    } = order;
    let what = match FailureCode::from_name(&failure.code) {
        Some(FailureCode::PaymentDeclined) => "your payment was declined: ",
        Some(FailureCode::ActionRequired) => "your payment was not confirmed: ",
        _ => "",
    };
    Words {
        subject: format!("Your order {order_id} could not be fulfilled"),
        text: format!(
            "We are sorry: {what}{}. You were not charged.\n",
            failure.detail
        ),
    }
}

fn cancelled(order: &OrderConcerned) -> Words {
    Words {
        subject: format!("Your order {} is cancelled", order.order_id),
        text: "As you asked, your order is cancelled. You were not charged.\n".to_owned(),
    }
}

fn refunded(order: &OrderRefund) -> Words {
    let AmountBody { minor, currency } = &order.refund.amount;
    let sum = amount(*minor, currency).map_or_else(String::new, |sum| format!(" of {sum}"));
    Words {
        subject: format!("Money for your order {} went back", order.order_id),
        text: format!(
            "We sent a refund{sum} to where you paid from. It may take some days to arrive.\n"
        ),
    }
}
