//! What takes the place of an event that can never be published or applied.

use domain::AggregateKind;
use jiff::Timestamp;

use super::{Envelope, EventType, value};
use crate::events::EventSkipped;

/// A tombstone in the place of an event: the same id, subject and sequence, and nothing to apply, so
/// that what comes after it goes on. Nothing where no order of events is kept, and none is waited for.
pub fn skipped(event: &Envelope, now: Timestamp) -> Option<Envelope> {
    let event_type = match AggregateKind::from_name(event.aggregate_kind())? {
        AggregateKind::Order => EventType::OrderSkipped,
        AggregateKind::Lease => EventType::LeaseSkipped,
        AggregateKind::Payment => EventType::PaymentSkipped,
        AggregateKind::Shipment => EventType::ShipmentSkipped,
        AggregateKind::Stock
        | AggregateKind::Product
        | AggregateKind::Course
        | AggregateKind::Account
        | AggregateKind::Note => return None,
    };
    Some(Envelope {
        event_type: event_type.as_str().to_owned(),
        time: now,
        data: value(EventSkipped {
            order_id: event.subject.clone(),
            instead_of: event.event_type.clone(),
        }),
        author: None,
        ..event.clone()
    })
}
