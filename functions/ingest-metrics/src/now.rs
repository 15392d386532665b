//! What happens now, as metrics of CloudWatch, which adds up what many instances say. All of it is said at
//! the end of each invocation: an instance may be frozen for good after it.

use domain::MetricBatch;
use jiff::Timestamp;
use metrics_aggregator::{Aggregates, Bounds, Event, MetricsProcessor};

/// Most types that have metrics of their own, each of which costs: those of all others are one.
const TYPES: usize = 20;
/// Older events are history: they count in the database only.
const MINUTES: u32 = 60;

/// Says how many events of each type these batches have, and how long they took.
pub(crate) fn tell<'a>(batches: impl Iterator<Item = &'a MetricBatch>, now: Timestamp) {
    let aggregates = aggregates(batches, now);
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
pub(crate) fn aggregates<'a>(
    batches: impl Iterator<Item = &'a MetricBatch>,
    now: Timestamp,
) -> Aggregates {
    let bounds = Bounds {
        minutes: MINUTES,
        types: TYPES,
    };
    let processor = MetricsProcessor::new(bounds, move || now);
    for batch in batches {
        for event in &batch.events {
            let event = Event {
                timestamp: event.at,
                user_id: batch.tenant.as_str(),
                event_type: event.event_type.as_str(),
                value: event.took.millis(),
            };
            // What is refused is counted as such.
            processor.process_event(&event).unwrap_or_default();
        }
    }
    processor.everything()
}
