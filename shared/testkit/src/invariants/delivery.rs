//! I5 and I6: what was committed was delivered, in order; and nothing else was.

use std::collections::{BTreeMap, BTreeSet};

use contracts::events::{
    Envelope, envelopes_of_lease, envelopes_of_order, envelopes_of_payment, envelopes_of_shipment,
};
use domain::{OrderEvent, Sequence};

use super::{Findings, Violation, World};

/// Every event that was committed, by id. Stock is not among them: its events are its state.
pub(super) fn committed(world: &World) -> BTreeMap<String, Envelope> {
    let none = Sequence::NONE;
    let orders = world
        .orders
        .iter()
        .flat_map(|it| envelopes_of_order(it, none));
    let leases = world
        .leases
        .iter()
        .flat_map(|it| envelopes_of_lease(it, none));
    let payments = world
        .payments
        .iter()
        .flat_map(|it| envelopes_of_payment(it, none));
    let shipments = world
        .shipments
        .iter()
        .flat_map(|it| envelopes_of_shipment(it, none));
    let all = orders.chain(leases).chain(payments).chain(shipments);
    all.map(|event| (event.id.clone(), event)).collect()
}

fn is_bounded(event: &Envelope) -> bool {
    matches!(
        event.aggregate_kind(),
        "order" | "lease" | "payment" | "shipment"
    )
}

/// I6: no event, charge or parcel without a committed cause.
pub(super) fn no_phantom(world: &World) -> Vec<Violation> {
    let mut findings = Findings::of("I6");
    let committed = committed(world);
    for event in world.published.iter().filter(|event| is_bounded(event)) {
        let cause = committed.get(&event.id);
        findings.check(cause.is_some_and(|cause| same_event(cause, event)), || {
            format!("{} was published and is not what was committed", event.id)
        });
    }
    for entry in world.provider.iter().filter(|entry| entry.captured > 0) {
        let id = entry.order_id;
        let decided = world.order(id).is_some_and(|order| {
            let mut events = order.events.all().iter();
            events.any(|raised| raised.event == OrderEvent::ChargingDecided)
        });
        findings.check(decided, || {
            format!("order {id} was charged without the decision")
        });
    }
    let held = world.provider.iter().map(|entry| entry.order_id);
    let shipped = world.carrier.iter().map(|entry| entry.order_id);
    for id in held.chain(shipped).collect::<BTreeSet<_>>() {
        findings.check(world.order(id).is_some(), || {
            format!("a provider knows order {id}, which was never placed")
        });
    }
    findings.found
}

/// Data of a lease, payment or shipment is filled from the item as it is at publication, so only
/// what identifies an event is compared.
fn same_event(committed: &Envelope, published: &Envelope) -> bool {
    committed.event_type == published.event_type
        && committed.time == published.time
        && committed.sequence == published.sequence
}

/// I5 at rest: per aggregate the first copies are 1, 2, 3 … to the last one committed.
pub(super) fn all_delivered(world: &World) -> Vec<Violation> {
    let mut findings = Findings::of("I5");
    let mut wanted: BTreeMap<String, u32> = BTreeMap::new();
    for event in committed(world).values() {
        let last = wanted.entry(event.group()).or_default();
        *last = event.sequence.max(*last);
    }
    let mut reached: BTreeMap<String, u32> = BTreeMap::new();
    for event in world.published.iter().filter(|event| is_bounded(event)) {
        let group = event.group();
        let last = reached.entry(group).or_default();
        findings.check(event.sequence <= *last + 1, || {
            format!("{} came after {last}", event.id)
        });
        *last = event.sequence.max(*last);
    }
    for (group, last) in wanted {
        let delivered = reached.get(&group).copied().unwrap_or(0);
        findings.check(delivered == last, || {
            format!("{group}: {delivered} of {last} events were published")
        });
    }
    findings.found
}
