//! What is read is what was written, in every state.

use domain::ports::{Load, Save};
use domain::{Aggregate, Order, Payment, PaymentCommand, Shipment, ShipmentCommand};

use crate::build::{a_payment, a_shipment, an_order, at, order_id};
use crate::must;

async fn read_back<A>(store: &(impl Load<A> + Save<A>), aggregate: A)
where
    A: Aggregate + std::fmt::Debug + PartialEq,
{
    let id = aggregate.id();
    let saved = must(store.save(aggregate).await);
    assert_eq!(must(store.load(&id).await), Some(saved));
}

/// Every state of a payment.
pub async fn reads_back_every_state_of_a_payment(store: &(impl Load<Payment> + Save<Payment>)) {
    let mut untouched = Payment::none(order_id(9));
    must(untouched.execute(&PaymentCommand::StartClosing, at(1)));
    let payments = [
        a_payment().of(order_id(1)).authorising(),
        a_payment().of(order_id(2)).authorised(),
        a_payment().of(order_id(3)).declined(),
        a_payment().of(order_id(4)).capturing(),
        a_payment().of(order_id(5)).captured(),
        a_payment().of(order_id(6)).closing(),
        a_payment().of(order_id(7)).closed(),
        untouched,
    ];
    for payment in payments {
        read_back(store, payment).await;
    }
}

/// A payment, or a shipment, that says no more whose it was.
async fn reads_back_what_is_blank<A>(store: &(impl Load<A> + Save<A>), whole: A, blank: fn(&mut A))
where
    A: Aggregate + std::fmt::Debug + PartialEq,
{
    let mut saved = must(store.save(whole).await);
    blank(&mut saved);
    assert!(saved.changes().is_changed());
    read_back(store, saved).await;
}

/// A payment that does not say any more how it was paid.
pub async fn reads_back_a_blank_payment(store: &(impl Load<Payment> + Save<Payment>)) {
    reads_back_what_is_blank(store, a_payment().captured(), Payment::blank).await;
}

/// A shipment that does not say any more where it went.
pub async fn reads_back_a_blank_shipment(store: &(impl Load<Shipment> + Save<Shipment>)) {
    reads_back_what_is_blank(store, a_shipment().delivered(), Shipment::blank).await;
}

/// An order that does not say any more whose it was.
pub async fn reads_back_a_blank_order(store: &(impl Load<Order> + Save<Order>)) {
    let order = an_order().with_contact("ada@example.com").confirmed();
    reads_back_what_is_blank(store, order, |order| must(order.blank())).await;
}

/// Every state of a shipment.
pub async fn reads_back_every_state_of_a_shipment(store: &(impl Load<Shipment> + Save<Shipment>)) {
    let mut untouched = Shipment::none(order_id(9));
    must(untouched.execute(&ShipmentCommand::StartCancellation, at(1)));
    let shipments = [
        a_shipment().of(order_id(1)).creating(),
        a_shipment().of(order_id(2)).created(),
        a_shipment().of(order_id(3)).refused(),
        a_shipment().of(order_id(4)).cancelling(),
        a_shipment().of(order_id(5)).cancelled(),
        a_shipment().of(order_id(6)).handed_over(),
        a_shipment().of(order_id(7)).delivered(),
        untouched,
    ];
    for shipment in shipments {
        read_back(store, shipment).await;
    }
}
