//! A fault hits what it is aimed at, as often as it was told.

use super::{Fault, Faults, Kind, Target};
use crate::operation::{Operation, Subject};

fn subject(operation: Operation, order: &str) -> Subject {
    Subject {
        operation,
        about: Some(order.to_owned()),
        intent: Some("pi_1".to_owned()),
        key: Some(format!("{order}:authorise:1")),
    }
}

fn target(name: &str) -> Target {
    name.parse().expect("an operation or the beginning of some")
}

fn fault(name: &str, kind: Kind, matching: Option<&str>) -> Fault {
    Fault::new(target(name), kind, matching.map(str::to_owned), None)
}

fn taken(faults: &Faults, operation: Operation, order: &str) -> Option<Kind> {
    faults
        .take(&subject(operation, order))
        .map(|(_, kind)| kind)
}

const CREATE: &str = "payment.create";

#[test]
fn hits_only_what_it_is_aimed_at() {
    let faults = Faults::default();
    faults.put(fault("payment", Kind::Down, None));
    assert_eq!(
        taken(&faults, Operation::PaymentCapture, "o-1"),
        Some(Kind::Down)
    );
    assert_eq!(taken(&faults, Operation::CarrierCreate, "o-1"), None);
}

#[test]
fn matches_an_order_an_intent_or_the_start_of_a_key() {
    for text in ["o-1", "pi_1", "o-1:auth"] {
        let faults = Faults::default();
        faults.put(fault(CREATE, Kind::Down, Some(text)));
        assert!(
            taken(&faults, Operation::PaymentCreate, "o-1").is_some(),
            "{text}"
        );
    }
    let faults = Faults::default();
    faults.put(fault(CREATE, Kind::Down, Some("o-1")));
    assert_eq!(taken(&faults, Operation::PaymentCreate, "o-2"), None);
}

#[test]
fn ends_after_its_number_of_times() {
    let faults = Faults::default();
    faults.put(Fault::new(target(CREATE), Kind::Down, None, Some(2)));
    let hits = (0..4).filter(|_| taken(&faults, Operation::PaymentCreate, "o-1").is_some());
    assert_eq!(hits.count(), 2);
}

#[test]
fn the_narrower_fault_comes_first() {
    let faults = Faults::default();
    faults.put(fault("*", Kind::Down, None));
    faults.put(fault(CREATE, Kind::Error500, None));
    faults.put(fault("*", Kind::Drop, Some("o-1")));
    assert_eq!(
        taken(&faults, Operation::PaymentCreate, "o-1"),
        Some(Kind::Drop)
    );
    assert_eq!(
        taken(&faults, Operation::PaymentCreate, "o-2"),
        Some(Kind::Error500)
    );
    assert_eq!(
        taken(&faults, Operation::CarrierCancel, "o-2"),
        Some(Kind::Down)
    );
}

#[test]
fn one_match_can_be_switched_off_without_the_others() {
    let faults = Faults::default();
    faults.put(fault(CREATE, Kind::Down, Some("o-1")));
    faults.put(fault(CREATE, Kind::Down, Some("o-2")));
    assert_eq!(faults.remove(&target(CREATE), Some("o-1")), 1);
    assert_eq!(taken(&faults, Operation::PaymentCreate, "o-1"), None);
    assert_eq!(
        taken(&faults, Operation::PaymentCreate, "o-2"),
        Some(Kind::Down)
    );
    assert_eq!(faults.clear(None), 1);
}

#[test]
fn a_decline_passes_over_what_cannot_be_declined() {
    let faults = Faults::default();
    faults.put(fault(
        "*",
        Kind::Decline {
            code: "generic_decline".to_owned(),
        },
        None,
    ));
    assert_eq!(taken(&faults, Operation::PaymentCancel, "o-1"), None);
    assert!(taken(&faults, Operation::CarrierCreate, "o-1").is_some());
}

#[test]
fn the_longest_lag_counts_and_hides_no_other_fault() {
    let faults = Faults::default();
    faults.put(fault("payment", Kind::LookupLag { ms: 50 }, None));
    faults.put(fault("payment", Kind::LookupLag { ms: 20 }, Some("o-1")));
    faults.put(fault("*", Kind::Down, None));
    assert_eq!(
        faults.lookup_lag(&subject(Operation::PaymentList, "o-1")),
        50
    );
    assert_eq!(
        taken(&faults, Operation::PaymentList, "o-1"),
        Some(Kind::Down)
    );
}

#[test]
fn a_target_is_the_beginning_of_a_name_word_by_word() {
    let faults = Faults::default();
    faults.put(fault("destination", Kind::Down, None));
    faults.put(fault("destination.crm", Kind::Error500, None));
    faults.put(fault("destination.crm.put", Kind::Drop, None));
    let hit = |operation| taken(&faults, operation, "u-1");
    assert_eq!(hit(Operation::CrmPut), Some(Kind::Drop));
    assert_eq!(hit(Operation::CrmRetrieve), Some(Kind::Error500));
    assert_eq!(hit(Operation::SupportPut), Some(Kind::Down));
    assert_eq!(hit(Operation::SmsSend), None);
    for nothing in [
        "dest",
        "destination.",
        "destination.cr",
        "sms.send.now",
        "",
        "**",
    ] {
        assert!(nothing.parse::<Target>().is_err(), "{nothing}");
    }
}

#[test]
fn webhooks_are_hit_only_by_their_whole_name() {
    let faults = Faults::default();
    faults.put(fault("*", Kind::Drop, None));
    faults.put(fault("payment", Kind::Drop, None));
    assert_eq!(taken(&faults, Operation::PaymentWebhook, "o-1"), None);
    faults.put(fault("payment.webhook", Kind::Drop, None));
    assert_eq!(
        taken(&faults, Operation::PaymentWebhook, "o-1"),
        Some(Kind::Drop)
    );
}
