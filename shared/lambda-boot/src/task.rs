//! Runner for saga steps: one command in, one answer or one named error out. Step Functions
//! sees the error's name as the error type and matches on it.
//!
//! Beside a command's own fields there may be `trace`, the trace that it is part of: it is for this
//! runner, and the command is read without it. A command that keeps its trace has a `traceparent`
//! of its own.

use std::future::Future;

use contracts::edge::EdgeError;
use lambda_runtime::{Diagnostic, LambdaEvent, Runtime, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;
use tracing::Instrument;

use crate::invocation::{Budget, Failure, decode, log_success, span};
use crate::traces::Kind;
use crate::{Error, runtime, traces};

/// Takes commands from Lambda until the process ends.
///
/// # Errors
/// When Lambda's runtime interface is gone.
pub async fn serve<C, R, E, F>(handler: impl Fn(C) -> F) -> Result<(), Error>
where
    C: DeserializeOwned,
    R: Serialize,
    E: EdgeError,
    F: Future<Output = Result<R, E>>,
{
    let handler = &handler;
    let service = service_fn(async |event: LambdaEvent<Value>| {
        let (input, context) = event.into_parts();
        let budget = Budget::of_invocation(&context);
        let span = span(&context.request_id, &input);
        let begun = traces::begin(Kind::Consumer);
        let step = text(&input, "step");
        let trace = text(&input, TRACE).or_else(|| text(&input, "traceparent"));
        let answer = answer_within(handler, input, budget).instrument(span).await;
        if let Some(begun) = begun {
            let name = step.as_deref().unwrap_or("invocation");
            begun.end(name, trace.as_deref(), answer.is_err());
        }
        traces::flush().await;
        answer
    });
    runtime::run(Runtime::new(service)).await
}

/// The trace of a command.
pub(crate) const TRACE: &str = "trace";

fn text(input: &Value, field: &str) -> Option<String> {
    Some(input.get(field)?.as_str()?.to_owned())
}

/// What one invocation answers, without a time limit: the core of [`serve`].
///
/// # Errors
/// The error's stable name and its detail. Input that cannot be read is `BadInput`, a panic
/// `Internal`.
pub async fn answer<C, R, E, F>(handler: impl Fn(C) -> F, input: Value) -> Result<Value, Diagnostic>
where
    C: DeserializeOwned,
    R: Serialize,
    E: EdgeError,
    F: Future<Output = Result<R, E>>,
{
    let span = span("", &input);
    answer_within(handler, input, Budget::UNLIMITED)
        .instrument(span)
        .await
}

/// Like [`answer`], within a time limit: past it, the answer is `Unavailable`, which says that
/// the command may or may not have taken effect.
///
/// # Errors
/// As [`answer`].
pub async fn answer_within<C, R, E, F>(
    handler: impl Fn(C) -> F,
    input: Value,
    budget: Budget,
) -> Result<Value, Diagnostic>
where
    C: DeserializeOwned,
    R: Serialize,
    E: EdgeError,
    F: Future<Output = Result<R, E>>,
{
    let started = Instant::now();
    let outcome = outcome(handler, input, budget).await;
    match &outcome {
        Ok(_) => log_success(started.elapsed()),
        Err(failure) => failure.log("invocation", Some(started.elapsed())),
    }
    outcome.map_err(Diagnostic::from)
}

async fn outcome<C, R, E, F>(
    handler: impl Fn(C) -> F,
    mut input: Value,
    budget: Budget,
) -> Result<Value, Failure>
where
    C: DeserializeOwned,
    R: Serialize,
    E: EdgeError,
    F: Future<Output = Result<R, E>>,
{
    if let Some(fields) = input.as_object_mut() {
        fields.remove(TRACE);
    }
    let command = decode(input)?;
    let work = Box::pin(async { handler(command).await.map_err(|error| Failure::of(&error)) });
    let answer = budget.start().guard(work).await??;
    serde_json::to_value(answer).map_err(|_| Failure::internal("the answer cannot be written"))
}

#[cfg(test)]
mod tests;
