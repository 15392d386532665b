//! I4: every accepted order ends, and leaves a clean world.

use domain::{
    Goods, GrantedRefund, LeaseEvent, LeaseState, Order, OrderId, OrderState, PaymentState,
    ShipmentState, StockLine,
};

use super::{Findings, Violation, World};

/// I4 at rest: all ended, nothing flagged, nothing left behind.
pub(super) fn ends(world: &World) -> Vec<Violation> {
    let mut findings = Findings::of("I4");
    for order in &world.orders {
        let id = order.facts.id;
        let status = order.state.name();
        findings.check(order.is_at_rest(), || {
            format!("order {id} is {status} and not at rest")
        });
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
        OrderState::Confirmed { .. }
        | OrderState::Shipped { .. }
        | OrderState::Delivered { .. } => Wanted::Kept,
        OrderState::Refunded { .. } => return left_after_refund(world, order),
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

/// All money is back. A parcel that was called back is not collected, unless it was gone; pieces
/// that were to come back are on the shelf.
fn left_after_refund(world: &World, order: &Order) -> Vec<String> {
    let id = order.facts.id;
    let mut left = Vec::new();
    let recalled = order
        .refunds()
        .iter()
        .any(|it| it.refund.goods == Goods::Recalled);
    let shipment = world.shipment(id).map(|it| &it.state);
    let called_back = shipment == Some(&ShipmentState::Cancelled);
    if recalled && called_back && parcel_open(world, id) {
        left.push("a parcel that was called back".to_owned());
    }
    if recalled && shipment == Some(&ShipmentState::Created) {
        left.push("a parcel that was not called back".to_owned());
    }
    let pieces = |lines: &[StockLine]| -> u32 { lines.iter().map(|line| line.quantity).sum() };
    let shelved = world.lease(id).map_or(0, |lease| {
        let events = lease.events.all().iter();
        let back = events.map(|raised| match &raised.event {
            LeaseEvent::Restocked { lines, .. } => pieces(lines),
            _ => 0,
        });
        back.sum()
    });
    let back = |granted: &GrantedRefund| match granted.refund.goods {
        Goods::Gone => false,
        Goods::Restocked => true,
        Goods::Recalled => called_back,
    };
    let refunds = order.refunds();
    let due = refunds.iter().filter(|granted| back(granted));
    let due: u32 = due
        .map(|granted| pieces(&order.stock_of(&granted.refund.lines)))
        .sum();
    if shelved != due {
        left.push(format!("{shelved} pieces on the shelf, not {due}"));
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
