//! Runner for SQS queues, FIFO ones above all: messages one by one in order, a partial answer,
//! and after a failure in a message group the rest of that group goes back too, so that nothing
//! overtakes.

mod message;

use std::collections::HashSet;
use std::future::Future;

use contracts::edge::EdgeError;
use lambda_runtime::{Diagnostic, LambdaEvent, Runtime, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;
use tracing::{Instrument, Span, error_span, info};

use crate::Error;
use crate::invocation::{Budget, Countdown, Failure, decode, span, whole_milliseconds};
use message::{Batch, Message, MessageId};

/// Takes batches from Lambda until the process ends. The handler gets each message's body,
/// decoded from JSON.
///
/// # Errors
/// When Lambda's runtime interface is gone.
pub async fn serve<M, E, F>(handler: impl Fn(M) -> F) -> Result<(), Error>
where
    M: DeserializeOwned,
    E: EdgeError,
    F: Future<Output = Result<(), E>>,
{
    let handler = &handler;
    let service = service_fn(async |event: LambdaEvent<Value>| {
        let (event, context) = event.into_parts();
        let budget = Budget::of_invocation(&context);
        let span = span(&context.request_id, &Value::Null);
        answer_within(handler, event, budget).instrument(span).await
    });
    Runtime::new(service).run().await.map_err(Error::boxed)
}

/// Which messages go back to the queue. Cannot be malformed: a malformed answer would return the
/// whole batch on AWS, and would delete it on the emulator.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchAnswer {
    batch_item_failures: Vec<Returned>,
}

impl BatchAnswer {
    /// Ids of the messages that go back, in the order of the batch.
    pub fn returned(&self) -> impl Iterator<Item = &str> {
        let ids = self.batch_item_failures.iter();
        ids.map(|returned| returned.item_identifier.as_str())
    }
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Returned {
    item_identifier: MessageId,
}

/// What one batch answers, without a time limit: the core of [`serve`].
///
/// A message whose body cannot be read goes back like one whose handler failed, and so ends in
/// the dead-letter queue.
///
/// # Errors
/// `BadInput` when this is no SQS event; then the whole batch goes back.
pub async fn answer<M, E, F>(
    handler: impl Fn(M) -> F,
    event: Value,
) -> Result<BatchAnswer, Diagnostic>
where
    M: DeserializeOwned,
    E: EdgeError,
    F: Future<Output = Result<(), E>>,
{
    answer_within(handler, event, Budget::UNLIMITED).await
}

/// Like [`answer`], within a time limit: past it, what is not done goes back.
///
/// # Errors
/// As [`answer`].
pub async fn answer_within<M, E, F>(
    handler: impl Fn(M) -> F,
    event: Value,
    budget: Budget,
) -> Result<BatchAnswer, Diagnostic>
where
    M: DeserializeOwned,
    E: EdgeError,
    F: Future<Output = Result<(), E>>,
{
    let started = Instant::now();
    let batch: Batch = decode(event).inspect_err(|failure: &Failure| {
        failure.log("invocation", Some(started.elapsed()));
    })?;
    let messages = batch.records.len();
    let batch_item_failures = drain(&handler, batch, budget.start()).await;
    let failed = batch_item_failures.len();
    let outcome = if failed == 0 { "ok" } else { "partial" };
    let duration_ms = whole_milliseconds(started.elapsed());
    info!(outcome, messages, failed, duration_ms, "invocation");
    Ok(BatchAnswer {
        batch_item_failures,
    })
}

async fn drain<M, E, F>(
    handler: &impl Fn(M) -> F,
    batch: Batch,
    countdown: Countdown,
) -> Vec<Returned>
where
    M: DeserializeOwned,
    E: EdgeError,
    F: Future<Output = Result<(), E>>,
{
    let mut blocked: HashSet<String> = HashSet::new();
    let mut returned = Vec::new();
    for message in batch.records {
        let group = message.group().map(str::to_owned);
        if group.as_ref().is_some_and(|group| blocked.contains(group)) {
            returned.push(message.returned());
            continue;
        }
        let outcome = deliver(handler, &message, countdown).instrument(message.span());
        if outcome.await.is_err() {
            blocked.extend(group);
            returned.push(message.returned());
        }
    }
    returned
}

async fn deliver<M, E, F>(
    handler: &impl Fn(M) -> F,
    message: &Message,
    countdown: Countdown,
) -> Result<(), Failure>
where
    M: DeserializeOwned,
    E: EdgeError,
    F: Future<Output = Result<(), E>>,
{
    let delivery = async {
        let body = message.decode()?;
        let work = Box::pin(async { handler(body).await.map_err(|error| Failure::of(&error)) });
        countdown.guard(work).await?
    };
    let outcome = delivery.await;
    if let Err(failure) = &outcome {
        failure.log("message goes back", None);
    }
    outcome
}

impl Message {
    fn span(&self) -> Span {
        let labels = self.labels();
        error_span!(
            "message",
            message_id = self.message_id.as_str(),
            "event.id" = labels.id,
            subject = labels.subject,
            traceparent = labels.traceparent,
        )
    }

    fn returned(self) -> Returned {
        Returned {
            item_identifier: self.message_id,
        }
    }
}

#[cfg(test)]
mod tests;
