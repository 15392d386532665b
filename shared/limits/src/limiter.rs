//! The leases of one process, and the port to the rows.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use futures::lock::Mutex as Turns;

use crate::lease::{Lease, Step};
use crate::row::{Row, Update};
use crate::{Limit, Time};

/// So many callers are remembered by one process. Who is forgotten costs one more write.
const CALLERS: usize = 2_000;
/// So many calls to the rows for one admission. A change is refused for what it did not know; what
/// it is told then suffices for the next, unless others forget the same rows at the same moment.
const CALLS: usize = 5;

/// Whoever met others at every call comes again after so long.
const AGAIN_MS: u64 = 1_000;

/// The rows are not available.
#[derive(Debug, thiserror::Error)]
#[error("the counters are not available")]
pub struct CounterError(#[source] pub Box<dyn Error + Send + Sync>);

/// Why a change was not made.
#[derive(Debug)]
pub enum Refused {
    /// Something that it rests on does not hold: this is the row.
    Row(Row),
    /// Nobody knows.
    Error(CounterError),
}

/// Where the rows are kept.
pub trait Counters {
    /// The row under a key; an empty one where there is none.
    ///
    /// # Errors
    /// [`CounterError`].
    fn row(&self, key: &str) -> impl Future<Output = Result<Row, CounterError>> + Send;

    /// Makes a change as [`Row::make`] says, in one step, and answers the row after it.
    ///
    /// # Errors
    /// [`Refused`].
    fn change(
        &self,
        key: &str,
        update: &Update,
    ) -> impl Future<Output = Result<Row, Refused>> + Send;
}

/// Whether somebody may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They may; so many more could, as far as this process knows.
    Passed {
        /// What is left.
        left: u32,
    },
    /// They may not, before this time.
    Refused {
        /// When to come again.
        until: Time,
    },
}

/// Lets callers pass, each up to their limit.
pub struct Limiter<C> {
    counters: C,
    /// Of one caller only one request at a time asks for more.
    leases: Mutex<HashMap<String, Arc<Turns<Lease>>>>,
}

impl<C> fmt::Debug for Limiter<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").finish_non_exhaustive()
    }
}

impl<C> Limiter<C> {
    /// A process that holds nothing yet.
    pub fn new(counters: C) -> Self {
        Self {
            counters,
            leases: Mutex::default(),
        }
    }

    fn lease(&self, key: &str, now: Time) -> Arc<Turns<Lease>> {
        let leases = self.leases.lock();
        let mut leases = leases.unwrap_or_else(PoisonError::into_inner);
        if let Some(lease) = leases.get(key) {
            return Arc::clone(lease);
        }
        if leases.len() >= CALLERS {
            let over = |lease: &Turns<Lease>| lease.try_lock().is_some_and(|it| it.is_over(now));
            leases.retain(|_, lease| !over(lease));
        }
        // What is held and forgotten is counted until its end: nobody passes for that.
        if leases.len() >= CALLERS {
            leases.clear();
        }
        Arc::clone(leases.entry(key.to_owned()).or_default())
    }
}

impl<C: Counters> Limiter<C> {
    /// Lets one pass under a key. No call where there is something in hand, and none where nothing
    /// is left and that is known. `clock` is asked again after each call.
    ///
    /// # Errors
    /// [`CounterError`]; nobody passed.
    pub async fn pass(
        &self,
        key: &str,
        limit: Limit,
        clock: impl Fn() -> Time,
    ) -> Result<Verdict, CounterError> {
        let lease = self.lease(key, clock());
        let mut lease = lease.lock().await;
        for _ in 0..CALLS {
            let passed = match lease.next(limit, clock()) {
                Step::Passed => true,
                Step::Refused(until) => return Ok(Verdict::Refused { until }),
                Step::Look => {
                    let row = self.counters.row(key).await?;
                    lease.saw(row, clock());
                    false
                }
                Step::Take(update) => match self.counters.change(key, &update).await {
                    Ok(row) => lease.took(&update, row, limit, clock()),
                    Err(Refused::Row(row)) => {
                        lease.saw(row, clock());
                        false
                    }
                    Err(Refused::Error(error)) => return Err(error),
                },
            };
            if passed {
                let left = lease.left(limit, clock());
                return Ok(Verdict::Passed { left });
            }
        }
        let until = clock().plus(AGAIN_MS);
        Ok(Verdict::Refused { until })
    }
}
