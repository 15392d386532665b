//! At most so many in any 60 seconds, over any number of processes that share one row per caller.
//!
//! A process *holds* a share of the limit until an end: so many may pass through it in any 60
//! seconds. The row counts each share until its end and a window more, and the sum of what it counts
//! never exceeds the limit. What passed within the last window was within a share that is still
//! counted, so the sum of all that passed does not exceed the limit either, wherever the window
//! begins ([`row`], [`lease`]; the argument in full is in ADR 0022).
//!
//! Pure but for the port [`Counters`]: times come in as arguments.

pub mod lease;
mod limiter;
pub mod row;

use std::num::NonZeroU32;

pub use lease::{Lease, Step};
pub use limiter::{CounterError, Counters, Limiter, Refused, Verdict};
pub use row::{End, Row, Update};

/// Length of the window, in milliseconds.
pub const WINDOW_MS: u64 = 60_000;
/// How far two clocks may be apart, in milliseconds: each is at most half of it off.
pub const SKEW_MS: u64 = 200;
/// Smallest limit of which shares are handed out. Below it each admission is counted one by one.
pub const SHARED_FROM: u32 = 100;

/// Milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub u64);

impl Time {
    /// So many milliseconds later.
    #[must_use]
    pub const fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds since an earlier time; 0 where it is later.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// How many may pass in any window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limit(pub NonZeroU32);

impl Limit {
    /// A limit; at least one.
    pub const fn new(limit: u32) -> Self {
        match NonZeroU32::new(limit) {
            Some(limit) => Self(limit),
            None => Self(NonZeroU32::MIN),
        }
    }

    /// As a number.
    pub const fn get(self) -> u32 {
        self.0.get()
    }

    /// Whether shares of it are handed out.
    const fn is_shared(self) -> bool {
        self.get() >= SHARED_FROM
    }
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
