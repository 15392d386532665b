//! What happens now, as metrics of CloudWatch, which adds up what many instances say. All of it is said at
//! the end of each invocation: an instance may be frozen for good after it.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use domain::MetricBatch;
use jiff::Timestamp;
use metrics_aggregator::{Aggregates, Bounds, Event, MetricsProcessor};

/// Most types that have metrics of their own, each of which costs.
pub(crate) const TYPES: usize = 20;
/// The type of all others. No event's type has brackets.
pub(crate) const OTHERS: &str = "(others)";
/// Older events are history: they count in the database only.
const MINUTES: u32 = 60;

/// The types that have metrics of their own: the first that came, for as long as the instance lives.
#[derive(Debug, Default)]
pub(crate) struct Types(Mutex<BTreeSet<String>>);

/// Says how many events of each type these batches have, and how long they took.
pub(crate) fn tell<'a>(
    types: &Types,
    batches: impl Iterator<Item = &'a MetricBatch>,
    now: Timestamp,
) {
    let aggregates = aggregates(types, batches, now);
    for (kind, aggregate) in &aggregates.types {
        let labels = [("type", kind.clone())];
        metrics::counter!("tenant_events", &labels).increment(aggregate.count);
        metrics::histogram!("tenant_events_ms_p50", &labels).record(aggregate.p50);
        metrics::histogram!("tenant_events_ms_p99", &labels).record(aggregate.p99);
    }
    let late = aggregates.refused.late;
    if late > 0 {
        metrics::counter!("tenant_events_late").increment(late);
    }
}

/// Of events that happened in the last hour.
fn aggregates<'a>(
    types: &Types,
    batches: impl Iterator<Item = &'a MetricBatch>,
    now: Timestamp,
) -> Aggregates {
    let bounds = Bounds {
        minutes: MINUTES,
        types: TYPES + 1,
    };
    let processor = MetricsProcessor::new(bounds, move || now);
    let mut own = types.0.lock().unwrap_or_else(PoisonError::into_inner);
    for batch in batches {
        for event in &batch.events {
            let kind = event.event_type.as_str();
            let is_known = own.contains(kind);
            let has_own = is_known || own.len() < TYPES;
            let counted = processor.process_event(&Event {
                // A clock may be ahead of ours.
                timestamp: event.at.min(now),
                user_id: batch.tenant.as_str(),
                event_type: if has_own { kind } else { OTHERS },
                value: event.took.millis(),
            });
            // What is refused is counted as such, and has no place.
            if counted.is_ok() && has_own && !is_known {
                own.insert(kind.to_owned());
            }
        }
    }
    processor.everything()
}
