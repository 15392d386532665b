//! I1 and I2: money and one charge, counted at the provider.

use domain::{OrderState, PaymentState};

use super::{Findings, Violation, World};

/// I1: 0 ≤ refunded ≤ captured ≤ total; all of it captured once confirmed, and none but what was
/// granted given back; nothing kept when failed or refunded.
pub(super) fn money(world: &World) -> Vec<Violation> {
    let mut findings = Findings::of("I1");
    for order in &world.orders {
        let (id, total) = (order.facts.id, order.facts.totals.total().minor());
        let captured: i64 = world.attempts(id).map(|entry| entry.captured).sum();
        let refunded: i64 = world.attempts(id).map(|entry| entry.refunded).sum();
        findings.check((0..=captured).contains(&refunded), || {
            format!("order {id}: refunded {refunded} of {captured}")
        });
        findings.check((0..=total).contains(&captured), || {
            format!("order {id}: captured {captured} of {total}")
        });
        let kept = captured - refunded;
        let granted: i64 = order
            .refunds()
            .iter()
            .map(|it| it.refund.amount.minor())
            .sum();
        let fits = match &order.state {
            OrderState::Failed { .. } | OrderState::Cancelled => kept == 0,
            OrderState::Refunded { .. } => captured == total && kept == 0,
            state if state.is_fulfilled() => {
                captured == total && (order.refunded_minor()..=granted).contains(&refunded)
            }
            _ => refunded == 0,
        };
        findings.check(fits, || {
            let status = order.state.name();
            format!("order {id} is {status} with {captured} captured, {refunded} given back")
        });
    }
    for payment in &world.payments {
        let sum: i64 = payment.ledger().iter().map(|entry| entry.minor).sum();
        findings.check(sum == 0, || {
            format!("payment {}: the ledger sums to {sum}", payment.order_id)
        });
    }
    findings.found
}

/// I1 at rest: the provider's book equals ours, to the cent.
pub(super) fn books_agree(world: &World) -> Vec<Violation> {
    let mut findings = Findings::of("I1");
    let of_payments = world.payments.iter().map(|payment| payment.order_id);
    let of_provider = world.provider.iter().map(|entry| entry.order_id);
    let mut ids: Vec<_> = of_payments.chain(of_provider).collect();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        let payment = world.payment(id);
        let ours = payment.map_or(0, domain::Payment::kept_minor);
        let entries = world.attempts(id);
        let theirs: i64 = entries.map(|entry| entry.captured - entry.refunded).sum();
        findings.check(ours == theirs, || {
            format!("order {id}: kept {ours} in our book, {theirs} in theirs")
        });
    }
    findings.found
}

/// I2: at most one capture per order; nothing held for an ended order, unless it is still known
/// to be closing.
pub(super) fn one_charge(world: &World) -> Vec<Violation> {
    let mut findings = Findings::of("I2");
    for order in &world.orders {
        let id = order.facts.id;
        let captures = world
            .attempts(id)
            .filter(|entry| entry.captured > 0)
            .count();
        findings.check(captures <= 1, || format!("order {id}: {captures} captures"));
        let closing = world
            .payment(id)
            .is_some_and(|payment| payment.state == PaymentState::Closing);
        let open = world.attempts(id).any(|entry| entry.open);
        findings.check(!order.state.is_ended() || closing || !open, || {
            format!("order {id} has ended with money held")
        });
    }
    findings.found
}
