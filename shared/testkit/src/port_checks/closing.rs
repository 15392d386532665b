//! Checks of [`ListClosing`].

use domain::ports::{ListClosing, Save};
use domain::{Aggregate, Payment, PaymentCommand, Shipment, ShipmentCommand};

use crate::build::{a_payment, a_shipment, at, order_id};
use crate::must;

/// A payment is listed from its next look on, until it is closed.
pub async fn lists_payments_while_they_are_closing(store: &(impl ListClosing + Save<Payment>)) {
    for number in 1..=6 {
        let mut payment = a_payment().of(order_id(number)).closing();
        payment.next_look = Some(at(900 - number.cast_signed()));
        must(store.save(payment).await);
    }
    must(store.save(a_payment().of(order_id(7)).captured()).await);
    let due = must(store.closing_due(at(898), 2).await);
    assert_eq!(due, [order_id(6), order_id(5)]);

    let mut payment = a_payment().of(order_id(8)).closing();
    payment.next_look = Some(at(1));
    let mut payment = must(store.save(payment).await);
    assert_eq!(must(store.closing_due(at(2), 9).await), [order_id(8)]);
    must(payment.execute(&PaymentCommand::RecordClosed, at(3)));
    must(store.save(payment).await);
    assert_eq!(must(store.closing_due(at(2), 9).await), []);
}

/// A shipment is listed from its next look on, until it is cancelled.
pub async fn lists_shipments_while_they_are_cancelling(
    store: &(impl ListClosing + Save<Shipment>),
) {
    must(store.save(a_shipment().of(order_id(1)).created()).await);
    let cancelling = a_shipment().of(order_id(2)).cancelling();
    let mut shipment = must(store.save(cancelling).await);
    assert_eq!(must(store.closing_due(at(900), 9).await), []);
    assert_eq!(must(store.closing_due(at(901), 9).await), [order_id(2)]);
    must(shipment.execute(&ShipmentCommand::RecordCancelled, at(3)));
    must(store.save(shipment).await);
    assert_eq!(must(store.closing_due(at(901), 9).await), []);
}
