//! The provider's JSON, as far as we read it. Fields that we do not know are none of our business.

use std::collections::BTreeMap;

use domain::ports::RefundRequest;
use domain::{Attempt, OrderId};
use serde::Deserialize;

/// A payment at the provider.
#[derive(Debug, Deserialize)]
pub(super) struct Intent {
    pub(super) id: String,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) status: Status,
    #[serde(default)]
    pub(super) amount_received: i64,
    #[serde(default)]
    pub(super) metadata: BTreeMap<String, String>,
    #[serde(default)]
    last_payment_error: Option<Refusal>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    RequiresCapture,
    Succeeded,
    Canceled,
    /// Created, and the card refused.
    RequiresPaymentMethod,
    Processing,
    /// `requires_action`, `requires_confirmation`: nobody is there to act or confirm.
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
pub(super) struct IntentList {
    pub(super) data: Vec<Intent>,
}

/// Money that went back.
#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) payment_intent: String,
    pub(super) status: RefundStatus,
    #[serde(default)]
    pub(super) metadata: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RefundStatus {
    Succeeded,
    Pending,
    /// `failed`, `canceled`, `requires_action`.
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
pub(super) struct RefundList {
    pub(super) data: Vec<Refund>,
}

impl RefundStatus {
    pub(super) const fn may_be_made(self) -> bool {
        matches!(self, Self::Succeeded | Self::Pending)
    }
}

impl Refund {
    pub(super) fn is_of(&self, asked: &RefundRequest) -> bool {
        let says = |name: &str, value: String| self.metadata.get(name) == Some(&value);
        says("order_id", asked.order_id.to_string())
            && says("refund_id", asked.refund_id.to_string())
    }
}

/// Body of every answer that is not a success.
#[derive(Debug, Deserialize)]
pub(super) struct Failed {
    pub(super) error: Refusal,
}

/// Its message is not read: it may name the card holder.
#[derive(Debug, Deserialize)]
pub(super) struct Refusal {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    decline_code: Option<String>,
    #[serde(default)]
    pub(super) payment_intent: Option<Box<Intent>>,
}

impl Status {
    /// Whether it can never change again.
    pub(super) const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Canceled)
    }

    /// Whether the amount is held and can be captured or cancelled.
    pub(super) const fn is_held(self) -> bool {
        matches!(self, Self::RequiresCapture)
    }
}

impl Intent {
    pub(super) fn is_of(&self, order_id: OrderId, attempt: Attempt) -> bool {
        let says = |name: &str, value: String| self.metadata.get(name) == Some(&value);
        says("order_id", order_id.to_string()) && says("attempt", attempt.to_string())
    }

    /// Why the card refused.
    pub(super) fn reason(&self) -> &str {
        self.last_payment_error
            .as_ref()
            .map_or("declined", Refusal::reason)
    }
}

impl Refusal {
    /// The most telling of its codes.
    pub(super) fn reason(&self) -> &str {
        let codes = self.decline_code.as_deref().or(self.code.as_deref());
        codes.unwrap_or(&self.kind)
    }

    /// Whether the request as it is can never be carried out, now or when it is repeated. A key
    /// that was used for another request is another kind: what that one did is not known.
    pub(super) fn is_about_the_request(&self) -> bool {
        self.kind == "invalid_request_error"
    }

    /// Whether the payment was in a state in which it cannot be done, or its hold ran out.
    pub(super) fn is_about_state(&self) -> bool {
        matches!(
            self.code.as_deref(),
            Some("payment_intent_unexpected_state" | "charge_expired_for_capture")
        )
    }
}
