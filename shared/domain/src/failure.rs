//! Why an order was not fulfilled, as the customer and support are told.

use std::fmt;

#[cfg(test)]
mod tests;

/// A stable reason. Append only: the names are stored and published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureCode {
    /// A SKU ran out.
    OutOfStock,
    /// The warehouse does not know a SKU.
    UnknownSku,
    /// The card was declined.
    PaymentDeclined,
    /// The payment provider could not be reached for too long. Nothing was charged.
    PaymentUnavailable,
    /// The authorisation could not be captured. Nothing was charged.
    CaptureRefused,
    /// The carrier does not deliver there.
    AddressRejected,
    /// The customer changed their mind.
    CancelledByCustomer,
    /// A step failed on our side and everything was taken back.
    Internal,
    /// The holder of the card has to confirm the payment, which was not possible.
    ActionRequired,
}

impl FailureCode {
    /// All reasons.
    pub const ALL: [Self; 9] = [
        Self::OutOfStock,
        Self::UnknownSku,
        Self::PaymentDeclined,
        Self::PaymentUnavailable,
        Self::CaptureRefused,
        Self::AddressRejected,
        Self::CancelledByCustomer,
        Self::Internal,
        Self::ActionRequired,
    ];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OutOfStock => "out_of_stock",
            Self::UnknownSku => "unknown_sku",
            Self::PaymentDeclined => "payment_declined",
            Self::PaymentUnavailable => "payment_unavailable",
            Self::CaptureRefused => "capture_refused",
            Self::AddressRejected => "address_rejected",
            Self::CancelledByCustomer => "cancelled_by_customer",
            Self::Internal => "internal",
            Self::ActionRequired => "action_required",
        }
    }

    /// What is told where nothing more is known.
    const fn in_words(self) -> &'static str {
        match self {
            Self::OutOfStock | Self::UnknownSku => "something that was ordered ran out",
            Self::PaymentDeclined => "the payment was declined",
            Self::PaymentUnavailable => "the payment provider could not be reached",
            Self::CaptureRefused => "the payment could not be completed",
            Self::AddressRejected => "the carrier does not deliver to this address",
            Self::CancelledByCustomer => "it was cancelled by the customer",
            Self::Internal => "something went wrong on our side",
            Self::ActionRequired => "the payment has to be confirmed; pay with another card",
        }
    }

    /// The reason with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.name() == name)
    }
}

/// A reason with the detail that helps: which SKU, which answer of the card issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The stable reason.
    pub code: FailureCode,
    /// Plain words, at most [`Failure::MAX_DETAIL`] characters, no personal data.
    pub detail: String,
}

impl Failure {
    /// Longest detail, in characters.
    pub const MAX_DETAIL: usize = 200;

    /// A failure whose detail is cut to its longest length.
    pub fn new(code: FailureCode, detail: &str) -> Self {
        Self {
            code,
            detail: detail.chars().take(Self::MAX_DETAIL).collect(),
        }
    }
}

impl Failure {
    /// The reason as the customer reads it.
    pub fn in_words(&self) -> &str {
        match self.detail.as_str() {
            "" => self.code.in_words(),
            detail => detail,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.detail.is_empty() {
            f.write_str(self.code.name())
        } else {
            write!(f, "{}: {}", self.code.name(), self.detail)
        }
    }
}
