//! A step, and what it came to.

use std::future::Future;

use domain::ports::StoreError;
use domain::{Job, JobFailure, JobFile, JobProgress, JobStep};
use sheets::SheetError;
use thiserror::Error;

/// What a step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Did {
    /// There is more to do.
    Step(JobStep),
    /// That was all; perhaps there is a file.
    All(JobProgress, Option<JobFile>),
}

/// Why a step was not done.
#[derive(Debug, Error)]
#[error("a step of the job failed")]
pub struct StepError {
    /// What the job says of it.
    pub why: JobFailure,
    /// What the log says of it.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl From<StoreError> for StepError {
    fn from(error: StoreError) -> Self {
        let why = match error {
            StoreError::Unavailable(_) => JobFailure::Unavailable,
            StoreError::Broken(_) => JobFailure::Internal,
        };
        Self {
            why,
            source: error.into(),
        }
    }
}

impl From<SheetError> for StepError {
    fn from(error: SheetError) -> Self {
        Self {
            why: JobFailure::Internal,
            source: error.into(),
        }
    }
}

/// Does the steps of jobs.
pub trait Work {
    /// The step at the cursor. Done twice it comes to the same.
    fn step(&self, job: &Job) -> impl Future<Output = Result<Did, StepError>>;
}
