//! Which events a stream record carries.

use domain::{Aggregate, FailureCode, OrderCommand};
use serde_json::json;
use testkit::build::{a_lease, a_payment, a_shipment, an_order, at, order_id};

use super::{Image, from_stream_json, new_events, placed_order};
use crate::item::Stored;

fn image(aggregate: &impl Stored) -> Image {
    aggregate.encode().unwrap()
}

fn sequences(old: Option<Image>, new: Image) -> Vec<u32> {
    let events = new_events(old, new).unwrap();
    events.iter().map(|event| event.sequence).collect()
}

#[test]
fn an_insert_carries_all_events() {
    assert_eq!(sequences(None, image(&an_order().confirmed())), [1, 2, 3]);
    let empty = Some(Image::default());
    assert_eq!(sequences(empty, image(&an_order().pending())), [1]);
}

#[test]
fn a_change_carries_what_the_old_image_has_not() {
    let old = Some(image(&an_order().charging()));
    assert_eq!(sequences(old, image(&an_order().confirmed())), [3]);
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
        assert!(events.len() > 1);
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
    order
        .execute(&OrderCommand::DecideCharging { epoch }, now)
        .unwrap();
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
    assert_eq!(placed_order(contact).unwrap(), None);
}

#[test]
fn an_image_that_cannot_be_read_names_its_key() {
    let torn = json!({"pk": {"S": "ORDER#1"}, "entity": {"S": "order"}});
    let torn = from_stream_json(torn).unwrap();
    assert_eq!(new_events(None, torn.clone()).unwrap_err().key, "ORDER#1");
    assert_eq!(placed_order(torn).unwrap_err().key, "ORDER#1");
    assert!(from_stream_json(json!({"pk": "no type"})).is_err());
}
