//! How long something took, of all of them.

use std::fmt;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// An hour, in microseconds: what takes longer counts as that.
const LONGEST: u64 = 3_600_000_000;
/// Parts of a hundred that are shown.
const SHOWN: [f64; 6] = [50.0, 90.0, 95.0, 99.0, 99.9, 100.0];

/// Times of all, to three digits.
#[derive(Clone, Debug)]
pub(crate) struct Latency(Histogram<u64>);

/// So many of a hundred took no longer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Percentile {
    pub(crate) percent: f64,
    pub(crate) ms: f64,
}

/// What is said of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Summary {
    /// How many there were.
    pub(crate) count: u64,
    /// None where there were none.
    pub(crate) percentiles: Vec<Percentile>,
}

impl Default for Latency {
    fn default() -> Self {
        // These bounds are good ones.
        Self(Histogram::new_with_bounds(1, LONGEST, 3).unwrap_or_else(|error| panic!("{error}")))
    }
}

impl Latency {
    /// One more.
    pub(crate) fn note(&mut self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(LONGEST);
        self.0.saturating_record(micros);
    }

    pub(crate) fn summary(&self) -> Summary {
        let percentile = |percent: f64| Percentile {
            percent,
            ms: Duration::from_micros(self.0.value_at_percentile(percent)).as_secs_f64() * 1e3,
        };
        let shown = SHOWN.map(percentile).into_iter();
        Summary {
            count: self.0.len(),
            percentiles: shown.filter(|_| !self.0.is_empty()).collect(),
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Percentile { percent, ms } in &self.percentiles {
            writeln!(f, "{percent:>6} % in {ms:>10.1} ms")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_hundred_one_is_longer_than_the_99th_percentile() {
        let mut latency = Latency::default();
        (1..=100).for_each(|ms| latency.note(Duration::from_millis(ms)));
        let summary = latency.summary();
        let ms: Vec<f64> = summary.percentiles.iter().map(|it| it.ms.round()).collect();
        assert_eq!(
            (summary.count, ms),
            (100, vec![50.0, 90.0, 95.0, 99.0, 100.0, 100.0])
        );
        assert_eq!(summary.to_string().lines().count(), 6);
    }

    #[test]
    fn of_none_nothing_is_said() {
        let summary = Latency::default().summary();
        assert_eq!((summary.count, summary.percentiles), (0, Vec::new()));
    }
}
