//! I14: each event is in the audit log once, and its chains are what was written.

use std::collections::BTreeMap;

use audit::{Entry, Verifier};
use contracts::events::Envelope;

use super::{Findings, Violation, World};

/// The aggregates that the log tells of.
const TOLD: [&str; 5] = ["order", "payment", "account", "product", "course"];

fn entries(world: &World) -> impl Iterator<Item = &Entry> {
    world.audit.iter().flatten().flat_map(|chain| chain.iter())
}

/// Every chain holds, and no message has two entries.
pub(super) fn chains(world: &World) -> Vec<Violation> {
    let mut findings = Findings::of("I14");
    for chain in world.audit.iter().flatten() {
        let Some(first) = chain.first() else { continue };
        let mut verifier = Verifier::new(first.shard, &[]);
        let bad = chain.iter().find_map(|entry| verifier.push(entry).err());
        findings.check(bad.is_none(), || {
            bad.map(|bad| bad.to_string()).unwrap_or_default()
        });
    }
    let mut told: BTreeMap<&str, u32> = BTreeMap::new();
    for entry in entries(world) {
        *told.entry(&entry.record.message).or_default() += 1;
    }
    for (message, times) in told {
        findings.check(times == 1, || format!("{message} has {times} entries"));
    }
    findings.found
}

/// At rest: what was published has its entry. Nothing is asked of a world without an audit log.
pub(super) fn all_told(world: &World) -> Vec<Violation> {
    let mut findings = Findings::of("I14");
    if world.audit.is_none() {
        return findings.found;
    }
    let told: BTreeMap<&str, &Entry> = entries(world)
        .map(|entry| (entry.record.message.as_str(), entry))
        .collect();
    let wanted = |event: &&Envelope| TOLD.contains(&event.aggregate_kind());
    for event in world.published.iter().filter(wanted) {
        let entry = told.get(event.id.as_str());
        let fits = entry.is_some_and(|entry| {
            let record = &entry.record;
            record.action == event.event_type && record.object == event.group()
        });
        findings.check(fits, || {
            format!("the audit log does not tell of {}", event.id)
        });
    }
    findings.found
}
