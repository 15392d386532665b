//! What Prometheus reads
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use metrics_aggregator::{Aggregate, Aggregates};

/// The type of the text.
pub(super) const CONTENT: &str = "text/plain; version=0.0.4; charset=utf-8";

type Figure = (&'static str, &'static str, fn(&Aggregate) -> f64);

/// What is said of each type of event.
const FIGURES: [Figure; 6] = [
    ("events", "Events of the minutes that are held.", |it| {
        it.count as f64
    }),
    ("event_value_sum", "Sum of their values.", |it| it.sum),
    ("event_value_average", "Average of their values.", |it| {
        it.average
    }),
    ("event_value_least", "The smallest value.", |it| it.least),
    ("event_value_most", "The largest value.", |it| it.most),
    ("event_users", "Users that they are of, about.", |it| {
        it.users as f64
    }),
];

type Quantile = (&'static str, fn(&Aggregate) -> f64);

const QUANTILES: [Quantile; 4] = [
    ("0.5", |it| it.p50),
    ("0.9", |it| it.p90),
    ("0.95", |it| it.p95),
    ("0.99", |it| it.p99),
];

/// All of it. What is of a window goes up and down: they are gauges.
pub(super) fn text(said: &Aggregates) -> String {
    let mut text = String::new();
    for (name, help, of) in FIGURES {
        begin(&mut text, name, help, "gauge");
        for (kind, aggregate) in &said.types {
            let label = format!("event_type=\"{}\"", escaped(kind));
            line(&mut text, name, &label, of(aggregate));
        }
    }
    let name = "event_value";
    begin(
        &mut text,
        name,
        "So large a part of the values is not above it, within 2 %.",
        "gauge",
    );
    for (kind, aggregate) in &said.types {
        for (quantile, of) in QUANTILES {
            let label = format!("event_type=\"{}\",quantile=\"{quantile}\"", escaped(kind));
            line(&mut text, name, &label, of(aggregate));
        }
    }
    let name = "events_refused_total";
    begin(&mut text, name, "Events that were not counted.", "counter");
    for (reason, count) in said.refused.by_reason() {
        line(
            &mut text,
            name,
            &format!("reason=\"{reason}\""),
            count as f64,
        );
    }
    text
}

fn begin(text: &mut String, name: &str, help: &str, kind: &str) {
    text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
}

fn line(text: &mut String, name: &str, labels: &str, value: f64) {
    text.push_str(&format!("{name}{{{labels}}} {value}\n"));
}

fn escaped(label: &str) -> String {
    label
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use metrics_aggregator::{Bounds, Event, MetricsProcessor};

    use super::*;

    #[test]
    fn a_type_with_odd_characters_stays_in_its_line() {
        let at = Timestamp::UNIX_EPOCH;
        let metrics = MetricsProcessor::new(Bounds::default(), || at);
        let event = |event_type, value| Event {
            timestamp: at,
            user_id: "mia",
            event_type,
            value,
        };
        metrics.process_event(&event("a\"b\\c\nd", 0.25)).unwrap();
        let text = text(&metrics.aggregates(60).unwrap());
        for line in [
            "event_value_sum{event_type=\"a\\\"b\\\\c\\nd\"} 0.25",
            "event_value{event_type=\"a\\\"b\\\\c\\nd\",quantile=\"0.99\"} 0.25",
            "events_refused_total{reason=\"late\"} 0",
            "# TYPE events_refused_total counter",
        ] {
            assert!(text.lines().any(|it| it == line), "{line}\n{text}");
        }
    }
}
