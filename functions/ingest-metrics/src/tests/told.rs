//! What the function says as metrics, kept by name and type of event.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use metrics::{
    Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};

#[derive(Default)]
pub(super) struct Told {
    counters: Mutex<BTreeMap<String, Arc<AtomicU64>>>,
    histograms: Mutex<BTreeMap<String, Arc<Values>>>,
}

#[derive(Default)]
struct Values(Mutex<Vec<f64>>);

impl HistogramFn for Values {
    fn record(&self, value: f64) {
        self.0.lock().unwrap().push(value);
    }
}

impl Told {
    /// How many events there were of each type.
    pub(super) fn events(&self) -> BTreeMap<String, u64> {
        let counters = self.counters.lock().unwrap();
        let events = counters.iter().filter_map(|(name, count)| {
            let kind = name.strip_prefix("tenant_events/")?;
            Some((kind.to_owned(), count.load(Ordering::SeqCst)))
        });
        events.collect()
    }

    /// How many were too old.
    pub(super) fn late(&self) -> u64 {
        let counters = self.counters.lock().unwrap();
        let late = counters.get("tenant_events_late");
        late.map_or(0, |count| count.load(Ordering::SeqCst))
    }

    /// What was said of how long those of a type took.
    pub(super) fn values(&self, name: &str) -> Vec<f64> {
        let histograms = self.histograms.lock().unwrap();
        histograms[name].0.lock().unwrap().clone()
    }
}

fn name(key: &Key) -> String {
    let labels = key.labels().map(|label| format!("/{}", label.value()));
    format!("{}{}", key.name(), labels.collect::<String>())
}

impl Recorder for Told {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let mut counters = self.counters.lock().unwrap();
        Counter::from_arc(counters.entry(name(key)).or_default().clone())
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        let mut histograms = self.histograms.lock().unwrap();
        Histogram::from_arc(histograms.entry(name(key)).or_default().clone())
    }
}
