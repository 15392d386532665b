//! Runner for DynamoDB streams: a batch of changes of one shard, in order. What fails is sent
//! again, together with everything after it.

mod record;

use std::collections::{BTreeSet, HashSet};
use std::future::Future;
use std::str::FromStr;

use contracts::edge::EdgeError;
use lambda_runtime::{Diagnostic, LambdaEvent, Runtime, service_fn};
use serde_json::{Value, json};
use tokio::time::Instant;
use tracing::{Instrument, info};

use crate::invocation::{Budget, Failure, decode, span, whole_milliseconds};
use crate::traces::Kind;
use crate::{Error, runtime, traces};
use record::Batch;
pub use record::{Change, Record, SequenceNumber};

/// How a failed batch is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamFailure {
    /// By the lowest failed sequence number; earlier records are not sent again. AWS.
    Items,
    /// By a failed invocation; the whole batch is sent again. The emulator, which takes any
    /// answer without an error for success.
    Batch,
}

impl FromStr for StreamFailure {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "items" => Ok(Self::Items),
            "batch" => Ok(Self::Batch),
            _ => Err("items or batch"),
        }
    }
}

/// A record that failed, made by [`Record::failed`].
#[derive(Debug)]
pub struct Failed<E> {
    sequence_number: SequenceNumber,
    error: E,
}

impl Record {
    /// Notes that this record failed.
    pub fn failed<E>(&self, error: E) -> Failed<E> {
        Failed {
            sequence_number: self.sequence_number.clone(),
            error,
        }
    }
}

/// Takes batches from Lambda until the process ends. The handler gets all records of a batch and
/// returns those that failed, none when all went well.
///
/// # Errors
/// When Lambda's runtime interface is gone.
pub async fn serve<E, F>(
    handler: impl Fn(Vec<Record>) -> F,
    failure: StreamFailure,
) -> Result<(), Error>
where
    E: EdgeError,
    F: Future<Output = Vec<Failed<E>>>,
{
    let handler = &handler;
    let service = service_fn(async |event: LambdaEvent<Value>| {
        let (event, context) = event.into_parts();
        let budget = Budget::of_invocation(&context);
        let span = span(&context.request_id, &Value::Null);
        let begun = traces::begin(Kind::Consumer);
        let traceparents = begun.is_some().then(|| traces_in(&event));
        let answer = answer_within(handler, event, failure, budget);
        let answer = answer.instrument(span).await;
        for traceparent in traceparents.into_iter().flatten() {
            if let Some(begun) = begun.clone() {
                begun.end("records", Some(&traceparent), has_failed(&answer));
            }
        }
        traces::flush().await;
        answer
    });
    runtime::run(Runtime::new(service)).await
}

/// What one batch answers, without a time limit: the core of [`serve`].
///
/// # Errors
/// `BadInput` when this is no stream event. In [`StreamFailure::Batch`] also the error of the
/// first failed record.
pub async fn answer<E, F>(
    handler: impl Fn(Vec<Record>) -> F,
    event: Value,
    failure: StreamFailure,
) -> Result<Value, Diagnostic>
where
    E: EdgeError,
    F: Future<Output = Vec<Failed<E>>>,
{
    answer_within(handler, event, failure, Budget::UNLIMITED).await
}

/// Like [`answer`], within a time limit: past it, the whole batch has failed. So it has after a
/// panic: nobody knows which records were done.
///
/// # Errors
/// As [`answer`].
pub async fn answer_within<E, F>(
    handler: impl Fn(Vec<Record>) -> F,
    event: Value,
    failure: StreamFailure,
    budget: Budget,
) -> Result<Value, Diagnostic>
where
    E: EdgeError,
    F: Future<Output = Vec<Failed<E>>>,
{
    let started = Instant::now();
    let batch: Batch = decode(event).inspect_err(|failure: &Failure| {
        failure.log("invocation", Some(started.elapsed()));
    })?;
    let numbers = batch.sequence_numbers();
    let work = Box::pin(handler(batch.records));
    let stopped = match budget.start().guard(work).await {
        Ok(failed) => first_failure(&numbers, &failed),
        Err(interrupted) => Some((numbers.first(), interrupted)),
    };
    let records = numbers.len();
    match stopped {
        None => {
            let duration_ms = whole_milliseconds(started.elapsed());
            info!(outcome = "ok", records, duration_ms, "invocation");
            Ok(json!({"batchItemFailures": []}))
        }
        Some((at, error)) => {
            error.log("invocation", Some(started.elapsed()));
            told(failure, at, error)
        }
    }
}

/// Whether anything of the batch comes again, however that is said.
fn has_failed(answer: &Result<Value, Diagnostic>) -> bool {
    let none = |answer: &Value| *answer == json!({"batchItemFailures": []});
    !answer.as_ref().is_ok_and(none)
}

/// The traces that the items of a batch belong to, each once: attribute `trace` of their images.
fn traces_in(event: &Value) -> BTreeSet<String> {
    let records = event.get("Records").and_then(Value::as_array);
    let trace = |record: &Value| {
        let text = record.pointer("/dynamodb/NewImage/trace/S")?.as_str()?;
        Some(text.to_owned())
    };
    records.into_iter().flatten().filter_map(trace).collect()
}

/// The failure that comes first in the batch. One that names no record of the batch is a
/// mistake of the handler's; then everything is sent again.
fn first_failure<'batch, E: EdgeError>(
    numbers: &'batch [SequenceNumber],
    failed: &[Failed<E>],
) -> Option<(Option<&'batch SequenceNumber>, Failure)> {
    let known: HashSet<_> = numbers.iter().collect();
    if let Some(stray) = failed.iter().find(|f| !known.contains(&f.sequence_number)) {
        return Some((numbers.first(), Failure::of(&stray.error)));
    }
    numbers.iter().find_map(|number| {
        let here = failed.iter().find(|f| f.sequence_number == *number)?;
        Some((Some(number), Failure::of(&here.error)))
    })
}

fn told(
    failure: StreamFailure,
    at: Option<&SequenceNumber>,
    error: Failure,
) -> Result<Value, Diagnostic> {
    match (failure, at) {
        (StreamFailure::Items, Some(at)) => {
            Ok(json!({"batchItemFailures": [{"itemIdentifier": at.as_str()}]}))
        }
        (StreamFailure::Items, None) | (StreamFailure::Batch, _) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests;
