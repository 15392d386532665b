//! What an error is worth at an edge. Every error that reaches one has a kind, which says what
//! to do, and a stable name, which says what it was.

use domain::ports::{ChangeError, HoldError, StartError, StoreError};
use domain::{Concern, LeaseRejection, OrderRejection, PaymentRejection, ShipmentRejection};

use crate::errors::ErrorName;

#[cfg(test)]
mod tests;

/// What whoever asked can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The rules, or the input, say no. Asking again will not help.
    Rejected,
    /// Somebody else was faster.
    Conflict,
    /// Not now; it may or may not have happened. Ask again.
    Retryable,
    /// It is our fault, and asking again will not help.
    Fault,
}

/// An error that may leave a function.
pub trait EdgeError: std::error::Error {
    /// The stable name; Step Functions matches on it.
    fn name(&self) -> ErrorName;
    /// What whoever asked can do about it.
    fn kind(&self) -> Kind {
        self.name().kind()
    }
    /// Text for whoever asked: no internals, no personal data.
    fn detail(&self) -> String {
        self.to_string()
    }
}

/// Until when an answer is of use to whoever waits for it: an extension of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerBy(pub std::time::Instant);

/// Input of a step that cannot be read.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct BadInput(pub String);

impl EdgeError for BadInput {
    fn name(&self) -> ErrorName {
        ErrorName::BadInput
    }
}

macro_rules! bad_input_from {
    ($($cause:ty),*) => {
        $(impl From<$cause> for BadInput {
            fn from(cause: $cause) -> Self {
                Self(cause.to_string())
            }
        })*
    };
}

bad_input_from!(domain::InvalidId, domain::MoneyError, crate::InvalidBody);

impl EdgeError for LeaseRejection {
    fn name(&self) -> ErrorName {
        match self {
            Self::Ended => ErrorName::LeaseEnded,
            Self::Sold => ErrorName::LeaseSold,
            Self::Missing => ErrorName::LeaseMissing,
            Self::NotSold => ErrorName::NotSold,
        }
    }
}

impl EdgeError for OrderRejection {
    fn name(&self) -> ErrorName {
        match self {
            Self::Superseded { .. } => ErrorName::Superseded,
            Self::WrongDecision { .. } => ErrorName::WrongDecision,
            Self::TooLate { .. } => ErrorName::TooLate,
            Self::Refund(_) => ErrorName::RefundRefused,
        }
    }
}

impl EdgeError for PaymentRejection {
    fn name(&self) -> ErrorName {
        match self {
            Self::ActionRequired => ErrorName::ActionRequired,
            Self::Declined { .. } => ErrorName::PaymentDeclined,
            Self::Closed => ErrorName::PaymentClosed,
            Self::Captured => ErrorName::AlreadyCaptured,
            Self::RefundTooLarge { .. } => ErrorName::RefundRefused,
            Self::OutOfTurn { .. } => ErrorName::CaptureRefused,
            Self::OtherTerms => ErrorName::Internal,
        }
    }
}

impl EdgeError for ShipmentRejection {
    fn name(&self) -> ErrorName {
        match self {
            Self::Refused { .. } => ErrorName::AddressRejected,
            Self::Cancelled => ErrorName::ShipmentCancelled,
            Self::HandedOver => ErrorName::ShipmentHandedOver,
            Self::OtherParcel | Self::OutOfTurn { .. } => ErrorName::Internal,
        }
    }
}

/// A concern is no answer to whoever told the news: a person is called instead.
impl EdgeError for Concern {
    fn name(&self) -> ErrorName {
        ErrorName::Internal
    }
}

impl EdgeError for StoreError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Unavailable(_) => ErrorName::Unavailable,
            Self::Broken(_) => ErrorName::Internal,
        }
    }
}

impl EdgeError for StartError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Unavailable(_) => ErrorName::Unavailable,
            Self::Refused(_) => ErrorName::Internal,
        }
    }
}

impl EdgeError for HoldError {
    fn name(&self) -> ErrorName {
        match self {
            Self::OutOfStock { .. } => ErrorName::OutOfStock,
            Self::UnknownSku(_) => ErrorName::UnknownSku,
            Self::Conflict(_) => ErrorName::Conflict,
            Self::Store(error) => error.name(),
        }
    }
}

impl<R: EdgeError + 'static> EdgeError for ChangeError<R> {
    fn name(&self) -> ErrorName {
        match self {
            Self::Rejected(rejection) => rejection.name(),
            Self::Contended => ErrorName::Conflict,
            Self::Store(error) => error.name(),
        }
    }
}
