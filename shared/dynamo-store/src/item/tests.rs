//! Items read back as they were written, refuse what is not theirs, and stay small.

use domain::{Aggregate, FailureCode, Order, OrderCommand, Payment, PaymentCommand, Shipment};
use proptest::prelude::*;
use serde_dynamo::AttributeValue;
use testkit::build::{a_lease, a_payment, a_shipment, an_order, at, order_id, reference};

use super::{Image, ItemError, Stored};
use crate::key::Key;

/// Bytes of an item as DynamoDB counts them.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>
fn size(image: &Image) -> usize {
    image
        .iter()
        .map(|(name, value)| name.len() + value_size(value))
        .sum()
}

fn value_size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => number_size(number),
        AttributeValue::Bool(_) | AttributeValue::Null(_) => 1,
        AttributeValue::L(list) => 3 + list.iter().map(|it| 1 + value_size(it)).sum::<usize>(),
        AttributeValue::M(map) => {
            let entry =
                |(name, value): (&String, &AttributeValue)| 1 + name.len() + value_size(value);
            3 + map.iter().map(entry).sum::<usize>()
        }
        other => panic!("no item of ours has {other:?}"),
    }
}

/// Two digits a byte, and one; zeros at both ends do not count.
fn number_size(number: &str) -> usize {
    let digits = number.trim_start_matches('-').trim_matches('0').len();
    digits.div_ceil(2) + 1
}

fn round_trip<A: Stored + PartialEq>(aggregate: A) {
    let read = A::decode(aggregate.encode().unwrap()).unwrap();
    let mut saved = aggregate;
    saved.changes_mut().saved();
    assert_eq!(read, saved);
}

/// An order as customers place them: ids, names and keys of real length.
fn usual_order() -> domain::OrderFacts {
    an_order()
        .with_id(domain::OrderId::parse("0f7e1f4e-7d3a-8c55-9d6d-4f9f9b6a1c03").unwrap())
        .by(testkit::build::customer(
            "f47ac10b-58cc-4372-a567-0e02b2c3d479",
        ))
        .with_line("earl-grey-tea-250g", 2, 1_290)
        .paid_with("pm_1PZ3kq2eZvKYlo2CxQ7dJ9aB")
        .with_contact("augusta.ada.lovelace@example.com")
        .facts()
}

fn with_four_events() -> Order {
    let mut order = Order::place(usual_order());
    let epoch = order.epoch;
    let commands = [
        OrderCommand::DecideCharging { epoch },
        OrderCommand::Flag { epoch },
        OrderCommand::Complete { epoch },
    ];
    for (command, millis) in commands.into_iter().zip(1..) {
        let now = at(2).checked_add(jiff::SignedDuration::from_millis(millis));
        order.execute(&command, now.unwrap()).unwrap();
    }
    order
}

#[test]
fn a_usual_order_costs_one_write_unit_to_its_end() {
    let placed = size(&Order::place(usual_order()).encode().unwrap());
    let ended = size(&with_four_events().encode().unwrap());
    println!("an order: {placed} bytes when placed, {ended} with four events");
    assert!(placed < 1_024 && ended < 1_024, "{placed}, {ended}");
}

#[test]
fn all_other_aggregates_cost_one_write_unit() {
    let lease = size(&a_lease().sold().encode().unwrap());
    let payment = size(&a_payment().captured().encode().unwrap());
    let shipment = size(&a_shipment().cancelled().encode().unwrap());
    println!("a lease: {lease}, a payment: {payment}, a shipment: {shipment} bytes");
    assert!(lease < 1_024 && payment < 1_024 && shipment < 1_024);
}

#[test]
fn an_event_does_not_repeat_the_order() {
    let image = an_order().confirmed().encode().unwrap();
    let AttributeValue::L(events) = &image["events"] else {
        panic!("events are a list");
    };
    assert!(
        events.iter().all(|event| value_size(event) < 40),
        "{events:?}"
    );
}

#[test]
fn only_an_open_order_that_recovery_looks_after_is_in_its_index() {
    let looked_after = |mut order: Order| {
        order.next_look = Some(at(400));
        order
    };
    let partition = crate::schema::LOOKED_AFTER.partition;
    let listed = |order: Order| order.encode().unwrap().contains_key(partition);
    assert!(listed(looked_after(an_order().charging())));
    assert!(!listed(an_order().charging()));
    assert!(!listed(looked_after(an_order().confirmed())));
}

#[test]
fn only_closing_aggregates_are_in_the_closing_index() {
    let partition = crate::schema::CLOSING.partition;
    assert!(
        a_payment()
            .closing()
            .encode()
            .unwrap()
            .contains_key(partition)
    );
    assert!(
        !a_payment()
            .closed()
            .encode()
            .unwrap()
            .contains_key(partition)
    );
    assert!(
        a_shipment()
            .cancelling()
            .encode()
            .unwrap()
            .contains_key(partition)
    );
    assert!(
        !a_shipment()
            .cancelled()
            .encode()
            .unwrap()
            .contains_key(partition)
    );
}

#[test]
fn every_item_says_what_it_is() {
    let images = [
        (an_order().pending().encode(), "order"),
        (a_lease().held().encode(), "lease"),
        (a_payment().authorised().encode(), "payment"),
        (a_shipment().created().encode(), "shipment"),
    ];
    for (image, entity) in images {
        let image = image.unwrap();
        assert_eq!(image["entity"], AttributeValue::S(entity.to_owned()));
        assert_eq!(image["version"], AttributeValue::N("1".to_owned()));
        let AttributeValue::S(pk) = &image["pk"] else {
            panic!("a key is a text");
        };
        assert_eq!(Key::parse(pk).unwrap().order_id(), Some(order_id(1)));
    }
}

#[test]
fn refuses_an_item_of_another_kind() {
    let image = a_lease().held().encode().unwrap();
    assert!(matches!(Order::decode(image), Err(ItemError::Shape(_))));
    let mut image = an_order().pending().encode().unwrap();
    let other = AttributeValue::S("parcel".to_owned());
    image.insert("entity".to_owned(), other);
    assert!(matches!(
        Order::decode(image),
        Err(ItemError::Entity { .. })
    ));
}

#[test]
fn refuses_values_that_cannot_be() {
    let bad = [
        ("pk", "ORDER#1"),
        ("status", "lost"),
        ("status", "charging"),
        ("currency", "XXY"),
        ("request", "00"),
        ("placed_key", "yesterday"),
        ("customer_key", "CUSTOMER#alice"),
    ];
    for (attribute, value) in bad {
        let mut image = an_order().pending().encode().unwrap();
        image.insert(attribute.to_owned(), AttributeValue::S(value.to_owned()));
        let error = Order::decode(image).unwrap_err();
        assert!(
            matches!(error, ItemError::Value { .. }),
            "{attribute}: {error}"
        );
    }
}

fn payment_commands() -> impl Strategy<Value = PaymentCommand> {
    let reference = || "[a-z0-9_]{1,30}".prop_map(|text| reference(&text));
    prop_oneof![
        Just(PaymentCommand::StartAuthorisation),
        reference().prop_map(|reference| PaymentCommand::RecordAuthorised { reference }),
        ".{0,40}".prop_map(|reason| PaymentCommand::RecordDeclined { reason }),
        Just(PaymentCommand::RecordCaptureUnheard),
        reference().prop_map(|reference| PaymentCommand::RecordCaptured { reference }),
        Just(PaymentCommand::StartClosing),
        Just(PaymentCommand::RecordClosed),
    ]
}

fn order_commands() -> impl Strategy<Value = OrderCommand> {
    let epoch = domain::Epoch::FIRST;
    let failures = (0..FailureCode::ALL.len(), ".{0,40}");
    prop_oneof![
        Just(OrderCommand::DecideCharging { epoch }),
        failures.prop_map(move |(code, detail)| OrderCommand::DecideUnwinding {
            epoch,
            failure: domain::Failure::new(FailureCode::ALL[code], &detail),
        }),
        Just(OrderCommand::UnwindClosed { epoch }),
        Just(OrderCommand::Complete { epoch }),
        Just(OrderCommand::Fail { epoch }),
        Just(OrderCommand::Flag { epoch }),
    ]
}

proptest! {
    #[test]
    fn orders_read_back_whatever_happened(
        commands in prop::collection::vec((order_commands(), 0_i64..1_000_000), 0..12),
        look in prop::option::of(0_i64..1_000_000),
        stored in 0_u64..1_000,
    ) {
        let mut order = Order::place(usual_order());
        for (command, nanos) in commands {
            let now = at(1).checked_add(jiff::SignedDuration::from_nanos(nanos)).unwrap();
            // A refusal is as good as any other thing that may happen.
            drop(order.execute(&command, now));
        }
        order.next_look = look.map(at);
        order.changes = domain::ChangeTracker::stored_at(stored);
        round_trip(order);
    }

    #[test]
    fn payments_read_back_whatever_happened(
        commands in prop::collection::vec(payment_commands(), 0..12),
    ) {
        let mut payment = a_payment().authorising();
        for (command, second) in commands.iter().zip(1..) {
            drop(payment.execute(command, at(second)));
        }
        round_trip(payment);
    }
}

#[test]
fn what_was_never_sent_reads_back() {
    round_trip(Payment::none(order_id(1)));
    round_trip(Shipment::none(order_id(1)));
    round_trip(a_lease().tombstone());
}

#[test]
fn an_order_that_was_stored_before_there_was_shipping_reads_as_one_without() {
    let plain = an_order().pending().encode().unwrap();
    assert!(!plain.contains_key("shipping") && !plain.contains_key("tax"));
    let read = Order::decode(plain).unwrap().facts.totals;
    assert_eq!(
        (read.subtotal(), read.total()),
        (read.total(), read.subtotal())
    );
    let tariff = "tax=1900 EUR=490".parse().unwrap();
    let order = an_order().at_tariff(&tariff).pending();
    let totals = order.facts.totals;
    let mut image = order.encode().unwrap();
    assert_eq!(Order::decode(image.clone()).unwrap().facts.totals, totals);
    // Parts that are more than the whole.
    image.insert("total".to_owned(), AttributeValue::N("100".to_owned()));
    assert!(Order::decode(image).is_err());
}
