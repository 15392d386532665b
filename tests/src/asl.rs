//! A small interpreter of the part of Amazon States Language that our state machines use, so that
//! the shipped `statemachines/*.asl.json` run in one process, in virtual time, against any tasks.
//!
//! Knows nothing of orders: tasks are whatever the [`TaskRunner`] makes of a `Resource` string.
//! Anything outside the subset is refused when a machine is parsed, never skipped, so that a
//! machine that parses here means the same here as on AWS.
//!
//! Supported: Task, Choice, Wait, Pass, Succeed, Fail in JSONPath style, with `InputPath`,
//! `Parameters`, `ResultSelector`, `ResultPath`, `OutputPath`, `Retry`, `Catch`, time limits of
//! tasks and machines, `States.Format` and `States.MathAdd`.
//!
//! Source of the rules: <https://states-language.net/spec.html> and
//! <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html>.

mod choice;
mod clock;
mod execution;
mod intrinsic;
mod jitter;
mod json;
mod listing;
mod machine;
mod path;
mod reading;
mod result_path;
mod runner;
mod strict;
mod template;

#[cfg(test)]
mod tests;

pub use clock::VirtualClock;
pub use execution::{Ended, Execution, Progress, Status, Visit};
pub use listing::Gap;
pub use machine::{Catcher, Machine, Retrier, State, StateKind, Task, Then};
pub use runner::{Outcome, TaskCall, TaskError, TaskRunner};
pub use strict::ParseError;
