//! What is blank says nothing of a person, and everything of the books.

use super::*;
use crate::order::OrderCommand;
use crate::tests::samples::{at, facts, order, order_id, payment_terms, reference, shipment_terms};
use crate::{Epoch, PaymentCommand, RefundId, RefundOf, RefundWanted};

fn confirmed() -> Order {
    let epoch = Epoch::FIRST;
    let mut order = order();
    for command in [
        OrderCommand::DecideCharging { epoch },
        OrderCommand::Complete { epoch },
    ] {
        order.execute(&command, at(1)).unwrap();
    }
    order.changes = ChangeTracker::stored_at(3);
    order
}

#[test]
fn a_blank_order_keeps_its_books_and_tells_nobody() {
    let before = confirmed();
    let mut order = before.clone();
    order.blank().unwrap();
    assert!(order.is_blank() && order.changes.is_changed() && !order.changes.is_news());
    let text = format!("{:?}", order.facts);
    for personal in [
        "Ada",
        "Main Road",
        "Dublin",
        "D01",
        "pm_card",
        "ada@example.org",
    ] {
        assert!(!text.contains(personal), "{text}");
    }
    assert_ne!(order.facts.request_hash, before.facts.request_hash);
    let books = |order: &Order| {
        (
            order.facts.lines.clone(),
            order.facts.totals,
            order.state.clone(),
        )
    };
    assert_eq!(books(&order), books(&before));
    assert_eq!(order.events, before.events);
    order.changes = ChangeTracker::stored_at(4);
    order.blank().unwrap();
    assert!(!order.changes.is_changed(), "once");
}

#[test]
fn an_order_under_way_is_left_alone() {
    let mut pending = order();
    assert!(pending.blank().is_err());
    assert_eq!(pending.facts, facts(1));
    let mut refunding = confirmed();
    let wanted = RefundWanted {
        of: RefundOf::Everything,
        restock: false,
    };
    let id = RefundId::of_cancel();
    let refund = OrderCommand::RequestRefund {
        id: id.clone(),
        wanted,
    };
    refunding.execute(&refund, at(2)).unwrap();
    assert!(refunding.blank().is_err());
    refunding
        .execute(&OrderCommand::RecordRefunded { id }, at(3))
        .unwrap();
    refunding.blank().unwrap();
}

#[test]
fn a_blank_order_can_still_be_refunded() {
    let mut order = confirmed();
    order.blank().unwrap();
    order.execute(&OrderCommand::RequestCancel, at(2)).unwrap();
    assert!(order.refund_due().is_some());
}

#[test]
fn a_blank_payment_has_its_amounts_and_takes_its_step_again() {
    let mut payment = Payment::none(order_id(1));
    payment.blank();
    assert!(!payment.changes.is_changed(), "nothing to take out");
    payment.start(payment_terms(), at(0)).unwrap();
    let reference = reference("pi_1");
    for command in [
        PaymentCommand::RecordAuthorised {
            reference: reference.clone(),
        },
        PaymentCommand::RecordCaptured { reference },
    ] {
        payment.execute(&command, at(1)).unwrap();
    }
    payment.changes = ChangeTracker::stored_at(3);
    payment.blank();
    assert!(payment.changes.is_changed() && !payment.changes.is_news());
    assert!(!format!("{payment:?}").contains("pm_card"));
    let captured = payment.clone();
    payment.start(payment_terms(), at(2)).unwrap();
    assert_eq!(payment, captured, "a step that comes late changes nothing");
    payment.changes = ChangeTracker::stored_at(4);
    payment.blank();
    assert!(!payment.changes.is_changed(), "once");
}

#[test]
fn a_blank_shipment_says_what_was_in_it_and_not_where_it_went() {
    let mut shipment = Shipment::none(order_id(1));
    shipment.blank();
    assert!(!shipment.changes.is_changed(), "nothing to take out");
    shipment.start(shipment_terms(), at(0)).unwrap();
    shipment.changes = ChangeTracker::stored_at(1);
    shipment.blank();
    assert!(shipment.changes.is_changed() && !shipment.changes.is_news());
    let terms = shipment.terms.clone().unwrap();
    assert_eq!(terms.ship_to, Address::BLANK);
    assert_eq!(terms.lines, shipment_terms().lines);
    shipment.changes = ChangeTracker::stored_at(2);
    shipment.blank();
    assert!(!shipment.changes.is_changed(), "once");
}
