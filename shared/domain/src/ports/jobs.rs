//! Jobs, and what they make.

use std::future::Future;

use jiff::{SignedDuration, Timestamp};

use super::{Listed, SaveError, StoreError};
use crate::{Job, JobFile, JobId, TenantId};

/// Keeps jobs.
pub trait KeepJobs {
    /// The job, consistently.
    fn job(&self, id: JobId) -> impl Future<Output = Result<Option<Job>, StoreError>> + Send;

    /// Stores a job if what is stored is still what it was read from.
    fn save_job(&self, job: Job) -> impl Future<Output = Result<Job, SaveError<Job>>> + Send;
}

/// Lists jobs. Lists may lag by about a second.
pub trait ListJobs {
    /// A page of the jobs of a shop, newest first; after a place that an earlier page gave.
    fn jobs_of(
        &self,
        tenant: &TenantId,
        after: Option<&str>,
        limit: u8,
    ) -> impl Future<Output = Result<Listed<Job>, StoreError>> + Send;

    /// Up to so many jobs that can be taken up at a time, of all shops, the longest due first.
    fn jobs_due(
        &self,
        now: Timestamp,
        limit: u8,
    ) -> impl Future<Output = Result<Vec<JobId>, StoreError>> + Send;
}

/// Gives what jobs made to those who asked for it.
pub trait LinkFiles {
    /// An address where a file can be had for so long, by whoever has the address.
    fn link(
        &self,
        file: &JobFile,
        valid: SignedDuration,
    ) -> impl Future<Output = Result<String, StoreError>> + Send;
}
