//! From an error that a state machine caught to the reason that the customer is told.

use contracts::errors::ErrorName;
use contracts::saga::CaughtError;
use domain::{Failure, FailureCode};

/// What recovery writes when it gives an order up.
const GIVEN_UP: &str = "PaymentUnavailable";

/// The reason. Errors that are none of the customer's business become `internal`, without detail.
pub(crate) fn of(caught: Option<&CaughtError>) -> Failure {
    let Some(caught) = caught else {
        return Failure::new(FailureCode::Internal, "");
    };
    if caught.error == GIVEN_UP {
        return Failure::new(FailureCode::PaymentUnavailable, "");
    }
    let code = ErrorName::parse(&caught.error).map_or(FailureCode::Internal, code_of);
    match code {
        FailureCode::Internal => Failure::new(code, ""),
        told => Failure::new(told, &message_of(&caught.cause)),
    }
}

const fn code_of(name: ErrorName) -> FailureCode {
    match name {
        ErrorName::OutOfStock => FailureCode::OutOfStock,
        ErrorName::UnknownSku => FailureCode::UnknownSku,
        ErrorName::PaymentDeclined => FailureCode::PaymentDeclined,
        ErrorName::ActionRequired => FailureCode::ActionRequired,
        ErrorName::AddressRejected => FailureCode::AddressRejected,
        ErrorName::CaptureRefused => FailureCode::CaptureRefused,
        ErrorName::Cancelled => FailureCode::CancelledByCustomer,
        _ => FailureCode::Internal,
    }
}

/// Lambda puts the function's answer into the cause as JSON.
fn message_of(cause: &str) -> String {
    let parsed = serde_json::from_str::<serde_json::Value>(cause).ok();
    let message = parsed.as_ref().and_then(|cause| cause.get("errorMessage"));
    message
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
