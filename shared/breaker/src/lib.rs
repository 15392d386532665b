//! Calls of a third party that may be slow or dead: a circuit breaker whose state all processes
//! share, a budget of retries, and a limit of how many are under way at once.
//!
//! A process counts what goes well by itself and writes only what goes wrong, so that a healthy
//! third party costs nothing but one look at its row per process. Who finds the row open does not
//! call; when its pause is over one process at a time takes a single call as a probe, by a
//! conditional write. The store failing stops no call: the process then goes by what it knows.
//!
//! The states are pure ([`row`]); [`Guard`] is what calls go through.

mod budget;
mod guard;
pub mod row;

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;
use thiserror::Error;

pub use budget::Budget;
pub use guard::{Guard, Health, Refused};
pub use row::{Gate, Open, Row, State, Tally};

/// When to open, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Failures are counted over so long.
    pub window: Duration,
    /// So many of them open it, where they are half of all calls that are known of.
    pub failures: u32,
    /// An answer that takes longer is as bad as none.
    pub slow: Duration,
    /// From opening to the first probe. It doubles with each probe that fails.
    pub pause: Duration,
    /// Longest pause between two probes.
    pub longest_pause: Duration,
    /// After so long a probe of which nothing was heard is lost: more than the time limit of a call.
    pub probe: Duration,
    /// So many probes in a row that went well close it.
    pub closes_after: u32,
    /// So many calls of one process at once.
    pub at_once: usize,
}

impl Default for Terms {
    /// For a third party that usually answers within a second, and a time limit of a call of 8 s.
    fn default() -> Self {
        Self {
            window: Duration::from_secs(30),
            failures: 5,
            slow: Duration::from_secs(3),
            pause: Duration::from_secs(5),
            longest_pause: Duration::from_secs(60),
            probe: Duration::from_secs(15),
            closes_after: 2,
            at_once: 16,
        }
    }
}

/// The rows are not available.
#[derive(Debug, Error)]
#[error("the state of the breaker is not available")]
pub struct ShareError(#[source] pub Box<dyn Error + Send + Sync>);

/// Why a row was not written.
#[derive(Debug)]
pub enum PutError {
    /// It has been changed since: this is the row.
    Taken(Row),
    /// Nobody knows.
    Share(ShareError),
}

/// Where the rows are kept that all processes share.
pub trait Share {
    /// The row of a third party; a closed one, of version 0, where there is none.
    ///
    /// # Errors
    /// [`ShareError`].
    fn breaker(&self, name: &str) -> impl Future<Output = Result<Row, ShareError>> + Send;

    /// Writes the row as the version after its own, if what is stored has still its version.
    ///
    /// # Errors
    /// [`PutError`].
    fn put_breaker(
        &self,
        name: &str,
        row: &Row,
    ) -> impl Future<Output = Result<(), PutError>> + Send;
}

/// What time it is, and how to let some pass.
pub trait Time {
    /// The present time.
    fn now(&self) -> Timestamp;

    /// Returns after this long.
    fn sleep(&self, pause: Duration) -> impl Future<Output = ()>;
}

/// The time of this machine, by whoever reads its clock.
#[derive(Clone, Copy, Debug)]
pub struct Machine<F>(pub F);

impl<F: Fn() -> Timestamp> Time for Machine<F> {
    fn now(&self) -> Timestamp {
        self.0()
    }

    async fn sleep(&self, pause: Duration) {
        tokio::time::sleep(pause).await;
    }
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod virtual_time;
