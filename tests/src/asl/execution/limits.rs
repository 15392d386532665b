//! The quotas of Step Functions that an execution can run into.

use serde_json::Value;

use crate::asl::runner::{DATA_LIMIT, TaskError};

/// The largest input or output of a state, in bytes of JSON.
const PAYLOAD: usize = 256 * 1024;

/// The most history events of a Standard execution. Express has no such limit, but a machine that
/// goes round without time passing must end here too.
pub(super) const HISTORY: u32 = 25_000;

pub(super) fn payload(value: &Value) -> Result<(), TaskError> {
    let size = value.to_string().len();
    if size <= PAYLOAD {
        return Ok(());
    }
    Err(TaskError::new(
        DATA_LIMIT,
        format!("{size} bytes, the limit is {PAYLOAD}"),
    ))
}

/// The history events of one attempt: entered and left, and of a task scheduled, started, ended.
pub(super) fn events(is_task: bool, attempt: u32, leaves: bool) -> u32 {
    u32::from(attempt == 1) + u32::from(leaves) + if is_task { 3 } else { 0 }
}

pub(super) fn history_is_full() -> TaskError {
    TaskError::runtime(format!(
        "the execution reached the maximum number of history events ({HISTORY})"
    ))
}
