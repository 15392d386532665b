//! What an execution tells about itself.

use jiff::Timestamp;
use serde_json::Value;

use crate::asl::runner::TaskError;

/// One attempt at one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// The state.
    pub state: String,
    /// 1 on entry, one more with each retry.
    pub attempt: u32,
    /// When the attempt began.
    pub at: Timestamp,
    /// When its answer came; a retry's delay is not part of it, a Wait's time is.
    pub until: Timestamp,
    /// The error it met, whether or not that was retried or caught.
    pub error: Option<TaskError>,
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// With this output.
    Succeeded(Value),
    /// With an error that nothing caught, or in a Fail state.
    Failed(TaskError),
    /// At the machine's `TimeoutSeconds`.
    TimedOut,
}

/// The end of an execution.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// How it ended.
    pub status: Status,
    /// When it ended.
    pub at: Timestamp,
    /// Every attempt, in order.
    pub history: Vec<Visit>,
    /// About how many history events Step Functions counts; a Standard execution may have 25,000.
    pub events: u32,
}

/// What a step leaves behind.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// There is more to do at this time.
    Due(Timestamp),
    /// Nothing is left to do.
    Ended(Ended),
}
