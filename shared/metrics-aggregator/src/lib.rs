//! Counts events as they come and says what they were in the last minutes: how many of each type, their
//! sum to the last bit, their average, extremes and percentiles, and how many users they are of.
//!
//! Each thread that processes events has a book of its own, so that none waits for another; whoever asks
//! takes the books of all threads together first. What is held is bounded: by minutes, by types, and by
//! how wide the values of a type are spread.
//!
//! ```
//! use metrics_aggregator::{Bounds, Event, MetricsProcessor};
//!
//! let at = "2026-11-23T10:00:30Z".parse()?;
//! let metrics = MetricsProcessor::new(Bounds::default(), move || at);
//! let event = Event { timestamp: at, user_id: "mia", event_type: "checkout", value: 12.5 };
//! metrics.process_event(&event)?;
//! let line = br#"{"timestamp":"2026-11-23T09:58:00Z","user_id":"joe","event_type":"checkout","value":0.5}"#;
//! assert_eq!(metrics.process_lines(line).taken, 1);
//! assert_eq!(metrics.aggregates(5)?.types["checkout"].sum, 13.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod aggregates;
mod atomics;
mod book;
mod cell;
mod line;
mod processor;
mod refusals;
mod slot;
mod spread;
mod sum;
#[cfg(test)]
mod tests;
mod usual;

use jiff::Timestamp;

pub use aggregates::{Aggregate, Aggregates};
pub use processor::{InvalidMinutes, MetricsProcessor, Taken};
pub use refusals::{Refusal, Refusals};

/// The type of events whose own has no room.
pub const OTHER: &str = "(other)";
/// Longest type and longest user, in bytes.
pub const LONGEST: usize = 128;
/// How far ahead of the clock an event may be, in minutes: clocks differ.
pub const AHEAD: i64 = 1;

/// One event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event<'a> {
    /// When it happened.
    pub timestamp: Timestamp,
    /// Whose it is.
    pub user_id: &'a str,
    /// What it is.
    pub event_type: &'a str,
    /// Its size.
    pub value: f64,
}

/// What is held at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// How many minutes back, the one under way included. Older events are refused.
    pub minutes: u32,
    /// How many types; events of any more are counted as [`OTHER`].
    pub types: usize,
}

impl Default for Bounds {
    /// An hour, of a thousand types.
    fn default() -> Self {
        Self {
            minutes: 60,
            types: 1_000,
        }
    }
}
