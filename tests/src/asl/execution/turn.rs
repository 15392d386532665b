//! What one attempt at one state leads to.

use std::time::Duration;

use serde_json::Value;

use super::report::Status;
use crate::asl::runner::TaskError;

/// What an attempt led to.
#[derive(Debug)]
pub(super) struct Turn {
    /// From the beginning of the attempt to its answer.
    pub(super) took: Duration,
    /// From the answer to the next attempt.
    pub(super) delay: Duration,
    pub(super) error: Option<TaskError>,
    pub(super) then: Move,
}

#[derive(Debug)]
pub(super) enum Move {
    To(String, Value),
    Again,
    End(Status),
}

impl Turn {
    /// The turn of a state that has neither retries nor catchers.
    pub(super) fn quick(result: Result<(Duration, Move), TaskError>) -> Self {
        match result {
            Ok((took, then)) => Self {
                took,
                delay: Duration::ZERO,
                error: None,
                then,
            },
            Err(error) => Self {
                took: Duration::ZERO,
                delay: Duration::ZERO,
                error: Some(error.clone()),
                then: Move::End(Status::Failed(error)),
            },
        }
    }
}
