//! Every command in every state of a shipment, and what the tables cannot show.

use super::*;
use crate::tests::samples::{at, order_id, reference, shipment_terms};
use crate::tests::{Cells, cells, differences, executed};

const TABLE: &str = "
                start       created     refused     cancel       cancelled     handed        delivered
    none        creating    !OutOfTurn  !OutOfTurn  cancelled    !OutOfTurn    !OutOfTurn    !OutOfTurn
    creating    ok          created     refused     cancelling   !OutOfTurn    handed_over   delivered
    created     ok          ok          !OutOfTurn  cancelling   !OutOfTurn    handed_over   delivered
    refused     !Refused    !OutOfTurn  ok          cancelling   !OutOfTurn    !OutOfTurn    !OutOfTurn
    cancelling  !Cancelled  !Cancelled  ok          ok           cancelled     handed_over   delivered
    cancelled   !Cancelled  !Cancelled  ok          ok           ok            !Cancelled    !Cancelled
    handed_over ok          ok          !OutOfTurn  !HandedOver  !HandedOver   ok            delivered
    delivered   ok          ok          !OutOfTurn  !HandedOver  !HandedOver   ok            ok
";

/// Stages SHIP 0, SHIP 2, SHIPC 0 and SHIPC 2 of the model, which knows no refusals.
const MODEL: &str = "
                start       created     cancel      cancelled
    none        creating    no          cancelled   cancelled
    creating    ok          created     cancelling  cancelled
    created     ok          ok          cancelling  cancelled
    cancelling  no          no          ok          cancelled
    cancelled   no          no          ok          ok
";

/// All of one kind: the answer to a cancel that was never stored. The model stores it first, so
/// it never gets there; we say so instead of ending the shipment.
const DIFFERENCES: [&str; 3] = [
    "created cancelled: cancelled, no",
    "creating cancelled: cancelled, no",
    "none cancelled: cancelled, no",
];

fn none() -> Shipment {
    Shipment::none(order_id(1))
}

fn created_command() -> ShipmentCommand {
    ShipmentCommand::RecordCreated {
        reference: reference("parcel-1"),
    }
}

fn refused_command() -> ShipmentCommand {
    ShipmentCommand::RecordRefused {
        reason: "no such street".to_owned(),
    }
}

fn creating() -> Shipment {
    let mut shipment = none();
    shipment.start(shipment_terms(), at(0)).unwrap();
    shipment
}

fn after(mut shipment: Shipment, command: &ShipmentCommand) -> Shipment {
    shipment.execute(command, at(1)).unwrap();
    shipment
}

fn cancelling() -> Shipment {
    after(creating(), &ShipmentCommand::StartCancellation)
}

fn handover(number: &str) -> Handover {
    Handover {
        carrier: CarrierName::parse("parcelwise").unwrap(),
        tracking_number: TrackingNumber::parse(number).unwrap(),
    }
}

fn handed_over_command() -> ShipmentCommand {
    ShipmentCommand::RecordHandedOver {
        handover: handover("parcel-1"),
    }
}

fn delivered_command() -> ShipmentCommand {
    ShipmentCommand::RecordDelivered {
        handover: handover("parcel-1"),
    }
}

fn created() -> Shipment {
    after(creating(), &created_command())
}

fn handed_over() -> Shipment {
    after(created(), &handed_over_command())
}

/// What others were told, oldest first.
fn told(shipment: &Shipment) -> Vec<ShipmentEvent> {
    let raised = shipment.events.all().iter();
    let events = raised.map(|raised| raised.event.clone());
    events.filter(Shipment::is_news).collect()
}

fn all_cells() -> Cells {
    let states = [
        none(),
        creating(),
        created(),
        after(creating(), &refused_command()),
        cancelling(),
        after(cancelling(), &ShipmentCommand::RecordCancelled),
        handed_over(),
        after(handed_over(), &delivered_command()),
    ];
    let commands = [
        ("start", ShipmentCommand::StartCreation),
        ("created", created_command()),
        ("refused", refused_command()),
        ("cancel", ShipmentCommand::StartCancellation),
        ("cancelled", ShipmentCommand::RecordCancelled),
        ("handed", handed_over_command()),
        ("delivered", delivered_command()),
    ];
    executed(&states, &commands, |shipment| shipment.state.name())
}

#[test]
fn follows_its_table_in_every_cell() {
    assert_eq!(all_cells(), cells(TABLE));
}

#[test]
fn differs_from_the_model_only_where_it_is_stricter_about_answers_never_asked_for() {
    assert_eq!(differences(&all_cells(), &cells(MODEL)), DIFFERENCES);
}

#[test]
fn a_cancel_before_the_create_is_final() {
    let mut shipment = after(none(), &ShipmentCommand::StartCancellation);
    assert_eq!(
        shipment.start(shipment_terms(), at(2)),
        Err(ShipmentRejection::Cancelled)
    );
    assert_eq!(shipment.terms, None);
    assert_eq!(shipment.state, ShipmentState::Cancelled);
}

#[test]
fn a_create_answered_after_the_cancel_stays_cancelled() {
    let mut shipment = cancelling();
    let refused = shipment.execute(&created_command(), at(3));
    assert_eq!(refused, Err(ShipmentRejection::Cancelled));
    assert_eq!(shipment, cancelling());
}

#[test]
fn a_repeat_of_the_create_keeps_the_first_terms() {
    let mut shipment = creating();
    let mut other = shipment_terms();
    other.ship_to.city = "Cork".to_owned();
    shipment.start(other, at(2)).unwrap();
    assert_eq!(shipment.terms, Some(shipment_terms()));
}

#[test]
fn a_refusal_says_why() {
    let mut shipment = after(creating(), &refused_command());
    let rejection = shipment.start(shipment_terms(), at(2)).unwrap_err();
    assert_eq!(
        rejection.to_string(),
        "the carrier does not deliver to this address"
    );
}

#[test]
fn keeps_what_the_carrier_calls_the_parcel() {
    let shipment = after(creating(), &created_command());
    assert_eq!(shipment.reference, Some(reference("parcel-1")));
}

#[test]
fn a_shipment_still_cancelling_is_looked_at_again_until_the_carrier_answers() {
    let mut shipment = creating();
    shipment.cancel(at(0)).unwrap();
    assert_eq!(shipment.next_look, Some(at(15 * 60)));
    let first = shipment.clone();
    shipment.cancel(at(60)).unwrap();
    assert_eq!(shipment, first, "a repeat before the look changes nothing");
    shipment.cancel(at(15 * 60)).unwrap();
    assert_eq!(shipment.next_look, Some(at(15 * 60 + 24 * 3_600)));
    shipment
        .execute(&ShipmentCommand::RecordCancelled, at(1_000))
        .unwrap();
    assert_eq!(shipment.next_look, None);
}

#[test]
fn a_shipment_that_was_never_sent_is_not_looked_at_again() {
    let mut shipment = none();
    shipment.cancel(at(0)).unwrap();
    assert_eq!(shipment.next_look, None);
    assert_eq!(shipment.state, ShipmentState::Cancelled);
}

#[test]
fn a_delivery_that_is_told_first_says_that_the_parcel_was_handed_over() {
    let mut swapped = after(created(), &delivered_command());
    swapped.execute(&handed_over_command(), at(2)).unwrap();
    let in_order = after(handed_over(), &delivered_command());
    assert_eq!(told(&swapped), told(&in_order));
    assert_eq!(swapped.state, in_order.state);
    assert_eq!(told(&swapped).len(), 3);
}

#[test]
fn a_parcel_whose_create_was_never_answered_was_created_when_it_is_handed_over() {
    let lost = after(creating(), &handed_over_command());
    assert_eq!(told(&lost), told(&handed_over()));
    assert_eq!(lost.reference, Some(reference("parcel-1")));
}

#[test]
fn the_carriers_word_ends_a_cancel_that_it_did_not_answer() {
    let mut shipment = created();
    shipment.cancel(at(1)).unwrap();
    shipment.execute(&handed_over_command(), at(2)).unwrap();
    assert_eq!(shipment.next_look, None);
    assert_eq!(shipment.cancel(at(3)), Err(ShipmentRejection::HandedOver));
}

#[test]
fn news_of_another_parcel_change_nothing() {
    for known in [created(), handed_over()] {
        for news in ["parcel-2", "parcel-11"].map(handover) {
            let mut shipment = known.clone();
            for command in [
                ShipmentCommand::RecordHandedOver {
                    handover: news.clone(),
                },
                ShipmentCommand::RecordDelivered { handover: news },
            ] {
                let refused = shipment.execute(&command, at(9));
                assert_eq!(refused, Err(ShipmentRejection::OtherParcel));
            }
            assert_eq!(shipment, known);
        }
    }
}
