//! I3: no piece is lost, sold twice or made up.

use domain::{LeaseState, Sku};

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

fn pieces_out(world: &World, sku: &Sku) -> u64 {
    let out = world.leases.iter().filter(|lease| is_out(&lease.state));
    let lines = out.flat_map(|lease| &lease.lines);
    lines
        .filter(|line| line.sku == *sku)
        .map(|line| u64::from(line.quantity))
        .sum()
}
