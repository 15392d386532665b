//! I3: no piece is lost, sold twice or made up.

use domain::{Lease, LeaseEvent, LeaseState, Sku, StockLine};

use super::{Findings, Violation, World};

/// I3: put in + adjusted = available + held + sold, per SKU; and the store counts the same.
pub(super) fn stock(world: &World) -> Vec<Violation> {
    let mut findings = Findings::of("I3");
    for count in &world.stock {
        let (sku, adjusted, available) = (&count.sku, count.adjusted, count.available);
        let put_in = count.put_in.saturating_add_signed(adjusted);
        let out = pieces_out(world, sku);
        findings.check(put_in == available + out, || {
            format!("{sku}: {put_in} put in, {adjusted} of them adjusted, {available} available, {out} held or sold")
        });
        findings.check(put_in == count.stored_put_in, || {
            format!("{sku}: {put_in} put in, {} stored", count.stored_put_in)
        });
    }
    let known = |sku: &Sku| world.stock.iter().any(|count| count.sku == *sku);
    for lease in world.leases.iter().filter(|lease| is_out(&lease.state)) {
        let lines = lease.lines.iter();
        let unknown: Vec<_> = lines.filter(|line| !known(&line.sku)).collect();
        findings.check(unknown.is_empty(), || {
            format!("lease {} holds unknown {unknown:?}", lease.order_id)
        });
    }
    findings.found
}

fn is_out(state: &LeaseState) -> bool {
    matches!(state, LeaseState::Held { .. } | LeaseState::Sold)
}

/// Held or sold, and not brought back by a refund.
fn pieces_out(world: &World, sku: &Sku) -> u64 {
    let pieces = |lines: &[StockLine]| -> u64 {
        let of_sku = lines.iter().filter(|line| line.sku == *sku);
        of_sku.map(|line| u64::from(line.quantity)).sum()
    };
    let back = |lease: &Lease| -> u64 {
        let events = lease.events.all().iter();
        let back = events.map(|raised| match &raised.event {
            LeaseEvent::Restocked { lines, .. } => pieces(lines),
            _ => 0,
        });
        back.sum()
    };
    let out = world.leases.iter().filter(|lease| is_out(&lease.state));
    out.map(|lease| pieces(&lease.lines).saturating_sub(back(lease)))
        .sum()
}
