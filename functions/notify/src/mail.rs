//! What the mails say.

use contracts::events::{Envelope, EventType, InvalidEnvelope, OrderCompleted, OrderFailed};
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
        _ => return Ok(None),
    };
    Ok(Some(words))
}

fn confirmed(order: &OrderCompleted) -> Words {
    let total = Currency::parse(&order.currency)
        .and_then(|currency| Money::new(order.total_amount_minor, currency))
        .map_or_else(|_| String::new(), |total| format!(" Total: {total}."));
    Words {
        subject: format!("Your order {} is confirmed", order.order_id),
        text: format!("Thank you. Your order is paid.{total}\n"),
    }
}

fn failed(order: &OrderFailed) -> Words {
    let reason = match FailureCode::from_name(&order.failure.code) {
        Some(FailureCode::OutOfStock | FailureCode::UnknownSku) => {
            "something you ordered is no longer in stock"
        }
        Some(FailureCode::PaymentDeclined) => "your payment was declined",
        Some(FailureCode::PaymentUnavailable | FailureCode::CaptureRefused) => {
            "your payment could not be completed"
        }
        Some(FailureCode::AddressRejected) => "we cannot ship to your address",
        _ => "something went wrong on our side",
    };
    Words {
        subject: format!("Your order {} could not be fulfilled", order.order_id),
        text: format!("We are sorry: {reason}. You were not charged.\n"),
    }
}
