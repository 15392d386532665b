//! Reasons, from what a state machine caught.

use contracts::saga::CaughtError;

use super::*;

fn reason(error: &str, cause: &str) -> (FailureCode, String) {
    let failure = crate::failure::of(Some(&CaughtError {
        error: error.to_owned(),
        cause: cause.to_owned(),
    }));
    (failure.code, failure.detail)
}

fn told(code: FailureCode, detail: &str) -> (FailureCode, String) {
    (code, detail.to_owned())
}

#[test]
fn what_concerns_the_customer_keeps_its_words() {
    let cause = r#"{"errorType":"x","errorMessage":"sku-tea ran out: 2 ordered, 0 left"}"#;
    for (error, code) in [
        ("OutOfStock", FailureCode::OutOfStock),
        ("UnknownSku", FailureCode::UnknownSku),
        ("PaymentDeclined", FailureCode::PaymentDeclined),
        ("ActionRequired", FailureCode::ActionRequired),
        ("AddressRejected", FailureCode::AddressRejected),
        ("CaptureRefused", FailureCode::CaptureRefused),
        ("Cancelled", FailureCode::CancelledByCustomer),
    ] {
        let expected = told(code, "sku-tea ran out: 2 ordered, 0 left");
        assert_eq!(reason(error, cause), expected);
    }
}

#[test]
fn what_does_not_concern_the_customer_is_internal_without_words() {
    let cause = r#"{"errorMessage":"the table cartwright-orders is gone"}"#;
    let expected = told(FailureCode::Internal, "");
    for error in [
        "Internal",
        "Unavailable",
        "States.Timeout",
        "Lambda.Unknown",
        "Runtime.ExitError",
        "",
    ] {
        assert_eq!(reason(error, cause), expected, "{error}");
    }
}

#[test]
fn what_recovery_gives_up_is_an_unavailable_payment() {
    let expected = told(FailureCode::PaymentUnavailable, "");
    assert_eq!(reason("PaymentUnavailable", "{}"), expected);
}

#[test]
fn a_cause_that_cannot_be_read_leaves_the_code() {
    let expected = told(FailureCode::OutOfStock, "");
    for cause in ["", "{}", "no JSON", "[1]", r#"{"errorMessage":7}"#, "null"] {
        assert_eq!(reason("OutOfStock", cause), expected, "{cause}");
    }
}

#[tokio::test]
async fn a_decision_without_a_reason_is_internal() {
    let orders = holding(an_order().pending());
    let answer = run(&orders, decide(1, Want::Unwinding)).await;
    assert_eq!(answer, decided(DecisionBody::Unwinding));
    let failure = Failure::new(FailureCode::Internal, "");
    assert_eq!(stored(&orders).state, OrderState::Unwinding { failure });
}
