//! What every function does before and around its own work: reads its configuration, starts its
//! log, opens its way to AWS, and takes invocations from Lambda. There is one runner per kind of
//! trigger; it owns decoding, spans, correlation ids, the time budget and the mapping of errors,
//! so that no function does these itself.
//!
//! Each runner is a thin loop around a core (`task::answer`, `queue::answer` …) that needs no
//! Lambda: tests call exactly what production runs.

mod aws;
mod boot;
mod clock;
mod env;
mod error;
pub mod http;
mod invocation;
mod metrics;
pub mod queue;
mod runtime;
pub mod schedule;
pub mod stream;
pub mod task;
mod telemetry;
mod traces;

pub use aws::{AwsLimits, Service};
pub use boot::{Boot, start};
pub use clock::{Clock, new_id};
pub use env::{ConfigError, Env, Fault, MailSettings, Reader, TokenSettings};
pub use error::Error;
pub use invocation::Budget;
pub use lambda_runtime::Diagnostic;
pub use queue::{serve as serve_queue, serve_inbox};
pub use schedule::serve as serve_schedule;
pub use stream::{StreamFailure, serve as serve_stream};
pub use task::serve as serve_task;
