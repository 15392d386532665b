//! Which events a stream record carries.

use domain::{
    Aggregate, Epoch, FailureCode, LeaseCommand, OrderCommand, Payment, PaymentCommand, Shipment,
    ShipmentCommand,
};
use serde_json::json;
use testkit::build::{
    a_lease, a_payment, a_shipment, an_account, an_order, at, order_id, reference,
};

use super::{Image, from_stream_json, new_events, order_in};
use crate::item::{Stored, account};
use crate::schema::NEWS;

fn image(aggregate: &impl Stored) -> Image {
    aggregate.encode().unwrap()
}

fn sequences(old: Option<Image>, new: Image) -> Vec<u32> {
    let events = new_events(old, new).unwrap();
    events.iter().map(|event| event.sequence).collect()
}

#[test]
fn an_insert_carries_all_events() {
    assert_eq!(sequences(None, image(&an_order().confirmed())), [1, 2]);
    let empty = Some(Image::default());
    assert_eq!(sequences(empty, image(&an_order().pending())), [1]);
}

#[test]
fn a_change_carries_what_the_old_image_has_not() {
    let old = Some(image(&an_order().charging()));
    assert_eq!(sequences(old, image(&an_order().confirmed())), [2]);
    let same = Some(image(&an_order().confirmed()));
    assert!(sequences(same, image(&an_order().confirmed())).is_empty());
}

#[test]
fn every_kind_of_aggregate_has_events() {
    let images = [
        (image(&an_order().failed(FailureCode::OutOfStock)), "order"),
        (image(&a_lease().sold()), "lease"),
        (image(&a_payment().captured()), "payment"),
        (image(&a_shipment().cancelled()), "shipment"),
    ];
    for (image, kind) in images {
        let events = new_events(None, image).unwrap();
        assert!(!events.is_empty());
        assert!(events.iter().all(|event| event.aggregate_kind() == kind));
        assert!(
            events
                .iter()
                .all(|event| event.subject == order_id(1).to_string())
        );
    }
}

#[test]
fn the_time_of_an_event_is_when_it_happened() {
    let mut order = an_order().pending();
    let (epoch, now) = (order.epoch, at(7));
    order.execute(&OrderCommand::Flag { epoch }, now).unwrap();
    let events = new_events(None, image(&order)).unwrap();
    assert_eq!(events[1].time, now);
}

#[test]
fn removals_and_other_items_have_no_events() {
    assert_eq!(
        new_events(Some(image(&a_lease().held())), Image::default()).unwrap(),
        []
    );
    let contact = json!({"pk": {"S": "CONTACT#1"}, "entity": {"S": "contact"}});
    let contact = from_stream_json(contact).unwrap();
    assert_eq!(new_events(None, contact.clone()).unwrap(), []);
    assert_eq!(order_in(contact).unwrap(), None);
}

#[test]
fn an_image_that_cannot_be_read_names_its_key() {
    let torn = json!({"pk": {"S": "ORDER#1"}, "entity": {"S": "order"}});
    let torn = from_stream_json(torn).unwrap();
    assert_eq!(new_events(None, torn.clone()).unwrap_err().key, "ORDER#1");
    assert_eq!(order_in(torn).unwrap_err().key, "ORDER#1");
    assert!(from_stream_json(json!({"pk": "no type"})).is_err());
}

/// Each write of a life, as the stream shows it: marked exactly where it has events.
fn assert_marked_where_told<A: Stored>(mut aggregate: A, commands: &[A::Command]) {
    let mut old = None;
    let mut told = 0;
    for (command, second) in commands.iter().zip(1..) {
        // A refusal writes nothing.
        drop(aggregate.execute(command, at(second)));
        let new = image(&aggregate);
        let events = new_events(old.replace(new.clone()), new.clone()).unwrap();
        assert_eq!(new.contains_key(NEWS), !events.is_empty(), "{aggregate:?}");
        told += events.len();
        aggregate.changes_mut().saved();
    }
    let all = new_events(None, image(&aggregate)).unwrap();
    assert_eq!(told, all.len(), "{all:?}");
}

#[test]
fn a_write_is_marked_where_it_has_events_and_nowhere_else() {
    let (epoch, reference) = (Epoch::FIRST, reference("pi_1"));
    assert_marked_where_told(
        an_order().pending(),
        &[
            OrderCommand::Complete { epoch },
            OrderCommand::DecideCharging { epoch },
            OrderCommand::Flag { epoch },
            OrderCommand::UnwindClosed { epoch },
            OrderCommand::Fail { epoch },
        ],
    );
    let captured = PaymentCommand::RecordCaptured {
        reference: reference.clone(),
    };
    assert_marked_where_told(
        Payment::none(order_id(1)),
        &[
            PaymentCommand::StartAuthorisation,
            PaymentCommand::RecordAuthorised { reference },
            PaymentCommand::RecordCaptureUnheard,
            PaymentCommand::StartClosing,
            PaymentCommand::RecordClosed,
            captured,
        ],
    );
    let mut lease = a_lease().held();
    lease.extend(at(9));
    assert_marked_where_told(lease, &[LeaseCommand::Commit]);
    assert_marked_where_told(
        Shipment::none(order_id(1)),
        &[
            ShipmentCommand::StartCreation,
            ShipmentCommand::StartCancellation,
            ShipmentCommand::RecordCancelled,
        ],
    );
}

/// A write of an account is its event: what was there before is not told again.
#[test]
fn an_account_carries_the_event_of_its_last_write() {
    let mut alice = an_account("alice");
    let first = account::encode(&alice).unwrap();
    assert_eq!(sequences(None, first.clone()), [1]);
    assert!(sequences(Some(first.clone()), first.clone()).is_empty());
    alice.version = 1;
    alice.end_sessions(at(1));
    let second = account::encode(&alice).unwrap();
    assert_eq!(sequences(Some(first.clone()), second.clone()), [2]);
    assert!(sequences(Some(second), first).is_empty());
}

/// Accounts of before there were events stay readable.
#[test]
fn an_account_of_before_there_were_events_is_read() {
    let mut image = account::encode(&an_account("alice")).unwrap();
    for name in ["event", "news", "verify", "reset", "verified"] {
        assert!(image.remove(name).is_some(), "{name}");
    }
    let alice = account::decode(image).unwrap();
    assert_eq!((alice.verification, alice.reset), <_>::default());
    assert!(!alice.verified);
}
