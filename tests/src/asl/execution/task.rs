//! One attempt at a Task state.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::{limits, quick};
use crate::asl::machine::{State, Task};
use crate::asl::path::Scope;
use crate::asl::runner::{Outcome, TIMEOUT, TaskCall, TaskError, TaskRunner};

/// What one attempt needs to know.
pub(super) struct Call<'a> {
    pub(super) execution: &'a str,
    pub(super) name: &'a str,
    pub(super) state: &'a State,
    pub(super) task: &'a Task,
    pub(super) attempt: u32,
    pub(super) at: Timestamp,
}

impl Call<'_> {
    /// The time it took, and the state's output or its error. Without a payload no call is made.
    pub(super) async fn make<R: TaskRunner>(
        self,
        runner: &R,
        scope: Scope<'_>,
    ) -> (Duration, Result<Value, TaskError>) {
        let input = match quick::payload(self.state, self.task.parameters.as_ref(), scope) {
            Ok(input) => input,
            Err(error) => return (Duration::ZERO, Err(error)),
        };
        let Self {
            execution,
            name,
            attempt,
            at,
            ..
        } = self;
        let call = TaskCall {
            execution,
            state: name,
            resource: &self.task.resource,
            input,
            attempt,
            at,
        };
        let outcome = in_time(runner.run(call).await, self.task.timeout);
        (
            outcome.after,
            outcome.result.and_then(|result| self.output(result, scope)),
        )
    }

    fn output(&self, result: Value, scope: Scope<'_>) -> Result<Value, TaskError> {
        limits::payload(&result)?;
        let selected = match &self.task.result_selector {
            Some(template) => template.fill(scope.with(&result))?,
            None => result,
        };
        let whole = self.task.result_path.place(scope.data, selected)?;
        quick::output(self.state, scope, whole)
    }
}

/// The outcome as the state sees it: an answer after the time limit is none.
fn in_time(outcome: Outcome, limit: Option<Duration>) -> Outcome {
    match limit {
        Some(limit) if outcome.after > limit => Outcome {
            after: limit,
            result: Err(TaskError::new(TIMEOUT, "")),
        },
        _ => outcome,
    }
}
