//! Which name each refusal has at an edge.

use domain::ports::Cause;
use domain::{Epoch, Sku};

use super::*;

fn named(error: &impl EdgeError) -> ErrorName {
    assert_eq!(error.kind(), error.name().kind());
    error.name()
}

fn down() -> StoreError {
    StoreError::Unavailable(Cause("throttled".to_owned()))
}

fn broken() -> StoreError {
    StoreError::Broken(Cause("access denied for arn:aws:iam::1:role/x".to_owned()))
}

#[test]
fn a_refused_lease_says_whether_it_was_released_sold_or_never_held() {
    assert_eq!(named(&LeaseRejection::Ended), ErrorName::LeaseEnded);
    assert_eq!(named(&LeaseRejection::Sold), ErrorName::LeaseSold);
    assert_eq!(named(&LeaseRejection::Missing), ErrorName::LeaseMissing);
}

#[test]
fn a_refused_order_says_whether_the_run_or_the_command_was_wrong() {
    let superseded = OrderRejection::Superseded {
        acting: Epoch(1),
        current: Epoch(2),
    };
    assert_eq!(named(&superseded), ErrorName::Superseded);
    let status = "pending";
    let wrong = OrderRejection::WrongDecision { status };
    assert_eq!(named(&wrong), ErrorName::WrongDecision);
}

/// An answer out of turn is a refusal that the saga unwinds on at once: the model's "no" to a
/// declined answer that finds the payment authorised.
#[test]
fn a_refused_payment_says_what_stands_in_the_way() {
    let reason = "insufficient funds".to_owned();
    let status = "authorised";
    for (rejection, name) in [
        (
            PaymentRejection::Declined { reason },
            ErrorName::PaymentDeclined,
        ),
        (PaymentRejection::ActionRequired, ErrorName::ActionRequired),
        (PaymentRejection::Closed, ErrorName::PaymentClosed),
        (PaymentRejection::Captured, ErrorName::AlreadyCaptured),
        (
            PaymentRejection::OutOfTurn { status },
            ErrorName::CaptureRefused,
        ),
        (PaymentRejection::OtherTerms, ErrorName::Internal),
    ] {
        assert_eq!(named(&rejection), name);
    }
}

#[test]
fn a_refused_shipment_says_what_stands_in_the_way() {
    let reason = "unknown postcode".to_owned();
    let refused = ShipmentRejection::Refused { reason };
    assert_eq!(named(&refused), ErrorName::AddressRejected);
    let cancelled = ShipmentRejection::Cancelled;
    assert_eq!(named(&cancelled), ErrorName::ShipmentCancelled);
    let left = ShipmentRejection::HandedOver;
    assert_eq!(named(&left), ErrorName::ShipmentHandedOver);
    let status = "none";
    let early = ShipmentRejection::OutOfTurn { status };
    assert_eq!(named(&early), ErrorName::Internal);
}

#[test]
fn a_store_that_may_answer_later_can_be_asked_again_and_a_broken_one_cannot() {
    assert_eq!(named(&down()), ErrorName::Unavailable);
    assert_eq!(named(&broken()), ErrorName::Internal);
    assert_eq!(named(&HoldError::Store(down())), ErrorName::Unavailable);
    let change = ChangeError::<LeaseRejection>::Store(broken());
    assert_eq!(named(&change), ErrorName::Internal);
    let cause = || Cause("slow".to_owned());
    let unavailable = StartError::Unavailable(cause());
    assert_eq!(named(&unavailable), ErrorName::Unavailable);
    assert_eq!(named(&StartError::Refused(cause())), ErrorName::Internal);
}

#[test]
fn stock_that_cannot_be_held_says_which_sku_and_how_many() {
    let sku = Sku::parse("LAMP-1").unwrap();
    let out = HoldError::OutOfStock {
        sku: sku.clone(),
        wanted: 2,
        available: 1,
    };
    assert_eq!(named(&out), ErrorName::OutOfStock);
    assert_eq!(out.detail(), "LAMP-1 ran out: 2 ordered, 1 left");
    assert_eq!(named(&HoldError::UnknownSku(sku)), ErrorName::UnknownSku);
    assert_eq!(named(&HoldError::Conflict(None)), ErrorName::Conflict);
}

#[test]
fn a_change_is_refused_as_the_rules_refuse_or_as_contended() {
    let rejected = ChangeError::Rejected(LeaseRejection::Sold);
    assert_eq!(named(&rejected), ErrorName::LeaseSold);
    let contended = ChangeError::<LeaseRejection>::Contended;
    assert_eq!(named(&contended), ErrorName::Conflict);
}

#[test]
fn what_is_told_outside_holds_no_internals() {
    assert_eq!(broken().detail(), "the store failed");
    assert_eq!(down().detail(), "the store is unavailable");
}

#[test]
fn bad_input_says_what_is_wrong_with_it() {
    let bad: BadInput = crate::InvalidBody::at("/lines", "too many").into();
    assert_eq!(named(&bad), ErrorName::BadInput);
    assert_eq!(bad.detail(), "/lines: too many");
}
