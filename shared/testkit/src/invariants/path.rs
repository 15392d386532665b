//! I7 and I8: the status only moves along the graph; one key, one effect.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Aggregate, CustomerId, Order, OrderEvent};

use super::{Findings, Reply, Violation, World};

/// Where a status may lead at once.
fn next_of(status: &str) -> &'static [&'static str] {
    match status {
        "pending" => &["charging", "unwinding"],
        "charging" => &["confirmed", "unwinding"],
        "unwinding" => &["failed", "cancelled"],
        "confirmed" => &["shipped", "refunded"],
        "shipped" => &["delivered", "refunded"],
        "delivered" => &["refunded"],
        _ => &[],
    }
}

/// Where a status may lead at last. A reader may miss what lies between.
fn leads_to(from: &str, to: &str) -> bool {
    from == to || next_of(from).iter().any(|next| leads_to(next, to))
}

fn status_after(event: &OrderEvent) -> Option<&'static str> {
    match event {
        OrderEvent::Placed => Some("pending"),
        OrderEvent::ChargingDecided => Some("charging"),
        OrderEvent::UnwindingDecided { .. } => Some("unwinding"),
        OrderEvent::Completed => Some("confirmed"),
        OrderEvent::Failed => Some("failed"),
        OrderEvent::Cancelled => Some("cancelled"),
        OrderEvent::Shipped { .. } => Some("shipped"),
        OrderEvent::Delivered => Some("delivered"),
        OrderEvent::Refunded { all: true, .. } => Some("refunded"),
        OrderEvent::AttentionNeeded
        | OrderEvent::CancelRequested
        | OrderEvent::RefundRequested { .. }
        | OrderEvent::Refunded { .. } => None,
    }
}

/// I7: along the graph in what was stored, never back in what was read.
pub(super) fn path(world: &World) -> Vec<Violation> {
    let mut findings = Findings::of("I7");
    for order in &world.orders {
        let id = order.facts.id;
        let events = order.events.all().iter();
        let stored: Vec<_> = events.filter_map(|it| status_after(&it.event)).collect();
        let begins = stored.first() == Some(&"pending");
        let direct = stored.iter().zip(stored.iter().skip(1));
        let along = direct.fold(true, |along, (from, to)| {
            along && next_of(from).contains(to)
        });
        findings.check(begins && along, || format!("order {id} went {stored:?}"));
        let status = order.state.name();
        findings.check(stored.last() == Some(&status), || {
            format!("order {id} is {status} after {stored:?}")
        });
        let mut told = 0;
        for raised in order.events.all() {
            told += u32::from(Order::is_news(&raised.event));
            findings.check(raised.sequence.0 == told, || {
                format!("order {id}: event {told} is numbered {}", raised.sequence)
            });
        }
    }
    for (id, seen) in &world.seen {
        let mut moves = seen.iter().zip(seen.iter().skip(1));
        let back = moves.find(|(from, to)| !leads_to(from, to));
        findings.check(back.is_none(), || format!("a reader of {id} saw {seen:?}"));
    }
    findings.found
}

/// I8: equal replies to one key of one customer, and each order once.
pub(super) fn one_effect(world: &World) -> Vec<Violation> {
    let mut findings = Findings::of("I8");
    let mut first: BTreeMap<(&CustomerId, &str), &Reply> = BTreeMap::new();
    let accepted = |reply: &&Reply| (200..300).contains(&reply.status);
    for reply in world.replies.iter().filter(accepted) {
        let key = reply.key.as_str();
        let known = *first.entry((&reply.customer, key)).or_insert(reply);
        let same = known.body == reply.body && known.status == reply.status;
        findings.check(same, || {
            format!("key {key}: {} and then {}", known.body, reply.body)
        });
    }
    let mut ids = BTreeSet::new();
    for order in &world.orders {
        let id = order.facts.id;
        findings.check(ids.insert(id), || format!("order {id} is there twice"));
    }
    findings.found
}
