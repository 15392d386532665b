//! News of third parties in every state, and those that do not fit.

use super::*;
use crate::tests::samples::{at, eur, order_id, payment_terms, reference, shipment_terms};
use crate::{CarrierName, Currency, PaymentRejection, ShipmentState, TrackingNumber};

fn told(happened: PaymentHappened) -> ToldOfPayment {
    ToldOfPayment {
        order_id: order_id(1),
        attempt: Attempt::FIRST,
        reference: reference("pi_1"),
        amount: payment_terms().amount,
        happened,
    }
}

fn declined() -> PaymentHappened {
    PaymentHappened::Declined {
        reason: "no".to_owned(),
    }
}

fn lived(commands: &[PaymentCommand]) -> Payment {
    let mut payment = Payment::none(order_id(1));
    payment.start(payment_terms(), at(0)).unwrap();
    for command in commands {
        payment.execute(command, at(1)).unwrap();
    }
    payment
}

fn held() -> PaymentCommand {
    PaymentCommand::RecordAuthorised {
        reference: reference("pi_1"),
    }
}

/// A payment in each state, by the commands that lead there.
fn payments() -> Vec<Payment> {
    use PaymentCommand as C;
    let reason = || "no".to_owned();
    let reference = || reference("pi_1");
    let mut untouched = Payment::none(order_id(1));
    untouched.execute(&C::StartClosing, at(1)).unwrap();
    vec![
        Payment::none(order_id(1)),
        lived(&[]),
        lived(&[held()]),
        lived(&[C::RecordDeclined { reason: reason() }]),
        lived(&[held(), C::RecordCaptureUnheard]),
        lived(&[
            held(),
            C::RecordCaptured {
                reference: reference(),
            },
        ]),
        lived(&[held(), C::StartClosing]),
        lived(&[held(), C::StartClosing, C::RecordClosed]),
        untouched,
    ]
}

fn heard(happened: &PaymentHappened) -> Vec<String> {
    let outcome = |mut payment: Payment| {
        let before = payment.state.name();
        let heard = payment.hear(&told(happened.clone()), at(5));
        match heard {
            Ok(()) => format!("{before} → {}", payment.state.name()),
            Err(concern) => format!("{before}: {concern}"),
        }
    };
    payments().into_iter().map(outcome).collect()
}

#[test]
fn a_capture_is_taken_in_wherever_it_can_have_happened_and_is_a_concern_elsewhere() {
    assert_eq!(
        heard(&PaymentHappened::Captured),
        [
            "none: there is no such payment or shipment",
            "authorising: that cannot be while it is authorising",
            "authorised → captured",
            "declined: that cannot be while it is declined",
            "capturing → captured",
            "captured → captured",
            "closing → captured",
            "closed → captured",
            "closed: there is no such payment or shipment",
        ]
    );
}

#[test]
fn a_decline_answers_what_was_asked_and_nothing_else() {
    assert_eq!(
        heard(&declined()),
        [
            "none → none",
            "authorising → declined",
            "authorised → authorised",
            "declined → declined",
            "capturing → capturing",
            "captured → captured",
            "closing → closing",
            "closed → closed",
            "closed → closed",
        ]
    );
}

#[test]
fn a_cancel_closes_what_is_closing_and_nothing_else() {
    assert_eq!(
        heard(&PaymentHappened::Cancelled),
        [
            "none → none",
            "authorising → authorising",
            "authorised → authorised",
            "declined → declined",
            "capturing → capturing",
            "captured → captured",
            "closing → closed",
            "closed → closed",
            "closed → closed",
        ]
    );
}

#[test]
fn a_cancel_under_a_reference_that_nobody_knows_closes_nothing() {
    let mut payment = lived(&[PaymentCommand::StartClosing]);
    let before = payment.clone();
    assert_eq!(
        payment.hear(&told(PaymentHappened::Cancelled), at(5)),
        Ok(())
    );
    assert_eq!(payment, before);
}

#[test]
fn another_amount_or_currency_is_a_concern_and_changes_nothing() {
    let pounds = Currency::parse("GBP").unwrap();
    let minor = payment_terms().amount.minor();
    let amounts = [
        eur(minor + 1),
        eur(minor - 1),
        Money::new(minor, pounds).unwrap(),
    ];
    for amount in amounts {
        for happened in [
            PaymentHappened::Captured,
            declined(),
            PaymentHappened::Cancelled,
        ] {
            let mut payment = lived(&[held()]);
            let news = ToldOfPayment {
                amount,
                ..told(happened)
            };
            assert_eq!(payment.hear(&news, at(5)), Err(Concern::OtherAmount));
            assert_eq!(payment, lived(&[held()]));
        }
    }
}

#[test]
fn a_capture_of_another_payment_is_a_concern_and_its_other_news_are_not_ours() {
    let another = |happened| {
        [
            ToldOfPayment {
                reference: reference("pi_2"),
                ..told(happened)
            },
            ToldOfPayment {
                attempt: Attempt(2),
                ..told(PaymentHappened::Captured)
            },
        ]
    };
    for news in another(PaymentHappened::Captured) {
        let mut payment = lived(&[held()]);
        assert_eq!(payment.hear(&news, at(5)), Err(Concern::OtherPayment));
        assert_eq!(payment, lived(&[held()]));
    }
    let closing = [held(), PaymentCommand::StartClosing];
    let mut payment = lived(&closing);
    let [other, _] = another(PaymentHappened::Cancelled);
    assert_eq!(payment.hear(&other, at(5)), Ok(()));
    assert_eq!(payment, lived(&closing));
}

#[test]
fn the_webhook_and_the_answer_leave_one_capture_whichever_comes_first() {
    let captured = PaymentCommand::RecordCaptured {
        reference: reference("pi_1"),
    };
    let mut answer_first = lived(&[held(), captured.clone()]);
    answer_first
        .hear(&told(PaymentHappened::Captured), at(1))
        .unwrap();
    let mut news_first = lived(&[held()]);
    news_first
        .hear(&told(PaymentHappened::Captured), at(1))
        .unwrap();
    assert_eq!(
        news_first.execute(&captured, at(1)),
        Ok::<(), PaymentRejection>(())
    );
    assert_eq!(news_first.events, answer_first.events);
    assert_eq!(news_first.ledger().len(), 2);
}

#[test]
fn money_taken_after_the_end_is_told_apart() {
    let closed = [
        held(),
        PaymentCommand::StartClosing,
        PaymentCommand::RecordClosed,
    ];
    let mut payment = lived(&closed);
    assert!(!payment.is_captured_after_close());
    payment
        .hear(&told(PaymentHappened::Captured), at(5))
        .unwrap();
    assert!(payment.is_captured_after_close());
    let mut payment = lived(&closed[..2]);
    payment
        .hear(&told(PaymentHappened::Captured), at(5))
        .unwrap();
    assert!(!payment.is_captured_after_close());
}

fn parcel(happened: ParcelHappened, number: &str) -> ToldOfParcel {
    ToldOfParcel {
        order_id: order_id(1),
        handover: Handover {
            carrier: CarrierName::parse("parcelwise").unwrap(),
            tracking_number: TrackingNumber::parse(number).unwrap(),
        },
        happened,
    }
}

#[test]
fn news_of_a_parcel_move_the_shipment_forward_in_any_order() {
    use ParcelHappened::{Delivered, HandedOver};
    let mut shipment = Shipment::none(order_id(1));
    shipment.start(shipment_terms(), at(0)).unwrap();
    for happened in [Delivered, HandedOver, Delivered, HandedOver] {
        assert_eq!(shipment.hear(&parcel(happened, "parcel-1"), at(2)), Ok(()));
        assert!(matches!(shipment.state, ShipmentState::Delivered { .. }));
    }
    let other = shipment.hear(&parcel(HandedOver, "parcel-2"), at(2));
    assert_eq!(other, Err(Concern::OtherParcel));
}

#[test]
fn a_parcel_that_was_cancelled_or_never_booked_is_a_concern() {
    let mut shipment = Shipment::none(order_id(1));
    let news = parcel(ParcelHappened::HandedOver, "parcel-1");
    assert_eq!(
        shipment.hear(&news, at(2)),
        Err(Concern::OutOfTurn { status: "none" })
    );
    shipment.cancel(at(3)).unwrap();
    let refused = shipment.hear(&news, at(4));
    assert_eq!(
        refused,
        Err(Concern::OutOfTurn {
            status: "cancelled"
        })
    );
}
