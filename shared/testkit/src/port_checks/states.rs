//! What is read is what was written, in every state.

use domain::ports::{Load, Save};
use domain::{Aggregate, Payment, PaymentCommand, Shipment, ShipmentCommand};

use crate::build::{a_payment, a_shipment, at, order_id};
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
