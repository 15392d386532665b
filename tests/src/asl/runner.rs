//! What a test gives to the interpreter: the tasks, and how long each attempt takes.

use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use thiserror::Error;

/// Carries out tasks. One call is one attempt.
pub trait TaskRunner: Sync {
    /// Does the task and says what came of it and after how much virtual time. The effect happens
    /// at [`TaskCall::at`]; a late effect is the runner's own business.
    fn run(&self, call: TaskCall<'_>) -> impl Future<Output = Outcome> + Send;
}

/// One attempt at one task.
#[derive(Debug, Clone)]
pub struct TaskCall<'a> {
    /// The name of the execution.
    pub execution: &'a str,
    /// The name of the state.
    pub state: &'a str,
    /// The `Resource` as it stands in the file, `${Name}` included.
    pub resource: &'a str,
    /// The payload, after `InputPath` and `Parameters`.
    pub input: Value,
    /// 1 on entry to the state, one more with each retry.
    pub attempt: u32,
    /// The virtual time at which the attempt begins.
    pub at: Timestamp,
}

/// What an attempt answered, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Virtual time from the call to the answer. Longer than the task's `TimeoutSeconds`, the
    /// state sees `States.Timeout` instead of the answer.
    pub after: Duration,
    /// The task's answer.
    pub result: Result<Value, TaskError>,
}

impl Outcome {
    /// An answer that takes no time.
    #[must_use]
    pub fn at_once(result: Result<Value, TaskError>) -> Self {
        Self {
            after: Duration::ZERO,
            result,
        }
    }

    /// The same answer after `after`.
    #[must_use]
    pub fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }

    /// No answer, ever: only a time limit ends it.
    #[must_use]
    pub fn never() -> Self {
        let lost = TaskError::new("States.Timeout", "the task never answers");
        Self {
            after: Duration::MAX,
            result: Err(lost),
        }
    }
}

/// A failure as Step Functions sees it: the name that `Retry` and `Catch` go by, and a text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{error}: {cause}")]
pub struct TaskError {
    /// The error name.
    pub error: String,
    /// The cause; of a Lambda function, JSON in a string.
    pub cause: String,
}

impl TaskError {
    /// An error of any kind.
    #[must_use]
    pub fn new(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Self {
            error: error.into(),
            cause: cause.into(),
        }
    }

    /// An error answered by a Lambda function, whose `errorType` is the error name.
    #[must_use]
    pub fn lambda(error_type: &str, message: &str) -> Self {
        let cause = json!({ "errorType": error_type, "errorMessage": message });
        Self::new(error_type, cause.to_string())
    }

    pub(crate) fn runtime(cause: impl Into<String>) -> Self {
        Self::new(RUNTIME, cause)
    }

    /// Whether nothing can retry or catch it, `States.ALL` included.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.error == RUNTIME || self.error == DATA_LIMIT
    }

    /// Whether an `ErrorEquals` list names it, by its name or by a wildcard.
    #[must_use]
    pub fn matches(&self, names: &[String]) -> bool {
        !self.is_terminal() && names.iter().any(|name| self.matches_name(name))
    }

    fn matches_name(&self, name: &str) -> bool {
        match name {
            ALL => true,
            TASK_FAILED => self.error != TIMEOUT,
            exact => self.error == exact,
        }
    }

    pub(crate) fn output(&self) -> Value {
        json!({ "Error": self.error, "Cause": self.cause })
    }
}

pub(crate) const ALL: &str = "States.ALL";
pub(crate) const TASK_FAILED: &str = "States.TaskFailed";
pub(crate) const TIMEOUT: &str = "States.Timeout";
pub(crate) const RUNTIME: &str = "States.Runtime";
pub(crate) const DATA_LIMIT: &str = "States.DataLimitExceeded";
