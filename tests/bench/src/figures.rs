//! Several readings of one figure.

use std::time::Duration;

use serde::Serialize;

/// Median and spread of readings, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Milliseconds {
    /// The middle one.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The most.
    pub max: f64,
    /// How many.
    pub runs: usize,
}

impl Milliseconds {
    /// Of at least one reading.
    pub fn of(readings: &[Duration]) -> Option<Self> {
        Some(Self {
            median: percentile(readings, 50)?,
            min: percentile(readings, 0)?,
            max: percentile(readings, 100)?,
            runs: readings.len(),
        })
    }
}

/// The reading that this many per cent of all do not pass, in milliseconds (nearest rank).
pub fn percentile(readings: &[Duration], percent: usize) -> Option<f64> {
    let mut sorted = readings.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted
        .get(rank - 1)
        .map(|reading| reading.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readings(milliseconds: &[u64]) -> Vec<Duration> {
        milliseconds
            .iter()
            .copied()
            .map(Duration::from_millis)
            .collect()
    }

    #[test]
    fn the_median_is_the_middle_one_and_the_spread_reaches_both_ends() {
        let figure = Milliseconds::of(&readings(&[9, 1, 5])).unwrap();
        assert_eq!((figure.median, figure.min, figure.max), (5.0, 1.0, 9.0));
        assert_eq!(Milliseconds::of(&[]), None);
    }

    #[test]
    fn of_a_hundred_readings_one_passes_the_99th_percentile() {
        let all: Vec<u64> = (1..=100).collect();
        assert_eq!(percentile(&readings(&all), 99), Some(99.0));
        assert_eq!(percentile(&readings(&[7]), 99), Some(7.0));
    }
}
