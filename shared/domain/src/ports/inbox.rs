//! What consumers of events keep.

use std::future::Future;

use jiff::Timestamp;

use super::{SaveError, StoreError};
use crate::Taken;

/// A consumer's record of what it took in, per aggregate: `{kind}/{id}`.
pub trait Inbox {
    /// What was taken in of the aggregate; the default where nothing was.
    fn taken(&self, aggregate: &str) -> impl Future<Output = Result<Taken, StoreError>> + Send;

    /// Writes it as its next version, which is answered, if what is stored has still the version
    /// that was read; else a conflict that tells what is stored.
    fn save_taken(
        &self,
        aggregate: &str,
        taken: Taken,
    ) -> impl Future<Output = Result<Taken, SaveError<Taken>>> + Send;
}

/// Where a consumer waits for what is missing.
pub trait ListGaps {
    /// Up to `limit` aggregates of which something is held and which are to be looked at before a
    /// time, the longest due first. The list may lag.
    fn gaps_due(
        &self,
        before: Timestamp,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;
}
