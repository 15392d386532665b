//! I4: every accepted order ends, and leaves a clean world.

use domain::{LeaseState, Order, OrderId, OrderState, PaymentState, ShipmentState};

use super::{Findings, Violation, World};

/// I4 at rest: all ended, nothing flagged, nothing left behind.
pub(super) fn ends(world: &World) -> Vec<Violation> {
    let mut findings = Findings::of("I4");
    for order in &world.orders {
        let id = order.facts.id;
        let status = order.state.name();
        findings.check(order.state.is_ended(), || format!("order {id} is {status}"));
        findings.check(!order.needs_attention, || {
            format!("order {id} needs attention")
        });
        let left = left_behind(world, order);
        findings.check(left.is_empty(), || {
            format!("order {id} is {status} and left {}", left.join(", "))
        });
    }
    findings.found
}

fn left_behind(world: &World, order: &Order) -> Vec<String> {
    let id = order.facts.id;
    let wanted = match order.state {
        OrderState::Confirmed { .. } => Wanted::Kept,
        OrderState::Failed { .. } | OrderState::Cancelled => Wanted::Undone,
        OrderState::Pending | OrderState::Charging { .. } | OrderState::Unwinding { .. } => {
            return Vec::new();
        }
    };
    let mut left = Vec::new();
    let lease = world.lease(id).map_or(&LeaseState::None, |it| &it.state);
    if !wanted.fits_lease(lease) {
        left.push(format!("a lease {}", lease.name()));
    }
    let payment = world
        .payment(id)
        .map_or(&PaymentState::None, |it| &it.state);
    if !wanted.fits_payment(payment) {
        left.push(format!("a payment {}", payment.name()));
    }
    let shipment = world
        .shipment(id)
        .map_or(&ShipmentState::None, |it| &it.state);
    if !wanted.fits_shipment(shipment) {
        left.push(format!("a shipment {}", shipment.name()));
    }
    if parcel_open(world, id) != (wanted == Wanted::Kept) {
        left.push("the wrong parcel at the carrier".to_owned());
    }
    left
}

fn parcel_open(world: &World, id: OrderId) -> bool {
    let mut parcels = world.carrier.iter();
    parcels.any(|entry| entry.order_id == id && entry.open)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Kept,
    Undone,
}

impl Wanted {
    fn fits_lease(self, state: &LeaseState) -> bool {
        match self {
            Self::Kept => *state == LeaseState::Sold,
            Self::Undone => matches!(state, LeaseState::None | LeaseState::Released),
        }
    }

    fn fits_payment(self, state: &PaymentState) -> bool {
        match self {
            Self::Kept => *state == PaymentState::Captured,
            Self::Undone => matches!(state, PaymentState::None | PaymentState::Closed),
        }
    }

    fn fits_shipment(self, state: &ShipmentState) -> bool {
        match self {
            Self::Kept => *state == ShipmentState::Created || state.handover().is_some(),
            Self::Undone => matches!(state, ShipmentState::None | ShipmentState::Cancelled),
        }
    }
}
