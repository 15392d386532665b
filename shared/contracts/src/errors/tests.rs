//! Names and kinds are matched on by state machines and callers: they only ever grow.

use super::*;

const STABLE: &[(&str, Kind)] = &[
    ("ActionRequired", Kind::Rejected),
    ("AlreadyCaptured", Kind::Rejected),
    ("AddressRejected", Kind::Rejected),
    ("BadInput", Kind::Rejected),
    ("Cancelled", Kind::Rejected),
    ("CaptureRefused", Kind::Rejected),
    ("Conflict", Kind::Conflict),
    ("Internal", Kind::Fault),
    ("LeaseEnded", Kind::Rejected),
    ("LeaseMissing", Kind::Fault),
    ("LeaseSold", Kind::Fault),
    ("NotSold", Kind::Fault),
    ("OrderMissing", Kind::Rejected),
    ("OutOfStock", Kind::Rejected),
    ("PaymentClosed", Kind::Rejected),
    ("PaymentDeclined", Kind::Rejected),
    ("PaymentUnknown", Kind::Retryable),
    ("ProviderDown", Kind::Retryable),
    ("RefundRefused", Kind::Rejected),
    ("ShipmentCancelled", Kind::Rejected),
    ("ShipmentHandedOver", Kind::Rejected),
    ("ShipmentUnknown", Kind::Retryable),
    ("Superseded", Kind::Rejected),
    ("TooLate", Kind::Rejected),
    ("Unavailable", Kind::Retryable),
    ("UnknownSku", Kind::Rejected),
    ("WrongDecision", Kind::Fault),
];

#[test]
fn names_and_kinds_are_the_published_ones() {
    let ours: Vec<_> = ErrorName::ALL
        .iter()
        .map(|name| (name.as_str(), name.kind()))
        .collect();
    assert_eq!(ours, STABLE);
}

#[test]
fn every_name_reads_back() {
    for name in ErrorName::ALL {
        assert_eq!(ErrorName::parse(&name.to_string()), Some(*name));
    }
    for unknown in ["", "superseded", "States.Timeout", "Superseded "] {
        assert_eq!(ErrorName::parse(unknown), None);
    }
}
