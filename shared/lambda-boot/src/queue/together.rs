//! Runner for queues whose messages are worth more together: the handler gets all messages of a batch at once,
//! and says of each what became of it. For queues that keep no order.

use std::future::Future;

use contracts::edge::EdgeError;
use lambda_runtime::Diagnostic;
use serde_json::Value;
use tracing::Span;

use super::message::{Batch, FromMessage, Message};
use super::{BatchAnswer, Returned, answer_by, each};
use crate::Error;
use crate::invocation::{Budget, Countdown, Failure};
use crate::metrics::Metrics;
use crate::traces::{Kind, begin};

/// Takes batches from Lambda until the process ends. What the handler counts goes to the log after each.
///
/// # Errors
/// When Lambda's runtime interface is gone.
pub(crate) async fn serve<M, E, F>(
    handler: impl Fn(Vec<M>) -> F,
    metrics: Metrics,
) -> Result<(), Error>
where
    M: FromMessage,
    E: EdgeError,
    F: Future<Output = Vec<Result<(), E>>>,
{
    let handler = &handler;
    each(async |event, budget| {
        let answer = answer_within(handler, event, budget).await;
        metrics.flush();
        answer
    })
    .await
}

/// What one batch answers, without a time limit: the core of [`crate::Boot::serve_together`].
///
/// A message whose body cannot be read goes back like one that the handler failed with. What the handler
/// says nothing of goes back, too.
///
/// # Errors
/// `BadInput` when this is no SQS event; then the whole batch goes back.
pub async fn answer_together<M, E, F>(
    handler: impl Fn(Vec<M>) -> F,
    event: Value,
) -> Result<BatchAnswer, Diagnostic>
where
    M: FromMessage,
    E: EdgeError,
    F: Future<Output = Vec<Result<(), E>>>,
{
    answer_within(&handler, event, Budget::UNLIMITED).await
}

/// The same within a time limit: past it, all of them go back.
pub(super) async fn answer_within<M, E, F>(
    handler: &impl Fn(Vec<M>) -> F,
    event: Value,
    budget: Budget,
) -> Result<BatchAnswer, Diagnostic>
where
    M: FromMessage,
    E: EdgeError,
    F: Future<Output = Vec<Result<(), E>>>,
{
    let drained = async |batch, countdown| drain(handler, batch, countdown).await;
    answer_by(drained, event, budget).await
}

async fn drain<M, E, F>(
    handler: &impl Fn(Vec<M>) -> F,
    batch: Batch,
    countdown: Countdown,
) -> Vec<Returned>
where
    M: FromMessage,
    E: EdgeError,
    F: Future<Output = Vec<Result<(), E>>>,
{
    let read: Vec<_> = batch.records.iter().map(M::from_message).collect();
    let mut outcomes = Vec::with_capacity(read.len());
    let mut readable = Vec::with_capacity(read.len());
    for message in read {
        outcomes.push(message.map(|message| readable.push(message)));
    }
    let mut answers = answers(handler, readable, countdown).await.into_iter();
    let failed = |(message, outcome): (Message, Result<(), String>)| {
        let outcome = match outcome {
            Ok(()) => answers.next().unwrap_or_else(|| Err(unsaid())),
            Err(unreadable) => Err(Failure::bad_input(unreadable)),
        };
        trace(&message, outcome.is_err());
        let failure = outcome.err()?;
        span(&message).in_scope(|| failure.log("message goes back", None));
        Some(message.returned())
    };
    let messages = batch.records.into_iter().zip(outcomes);
    messages.filter_map(failed).collect()
}

/// What became of each message; where the handler did not end, the same of all.
async fn answers<M, E, F>(
    handler: &impl Fn(Vec<M>) -> F,
    messages: Vec<M>,
    countdown: Countdown,
) -> Vec<Result<(), Failure>>
where
    E: EdgeError,
    F: Future<Output = Vec<Result<(), E>>>,
{
    let many = messages.len();
    if many == 0 {
        return Vec::new();
    }
    let work = Box::pin(async { handler(messages).await });
    match countdown.guard(work).await {
        Ok(answers) => {
            let answers = answers.into_iter().take(many);
            answers
                .map(|it| it.map_err(|error| Failure::of(&error)))
                .collect()
        }
        Err(failure) => vec![Err(failure); many],
    }
}

fn unsaid() -> Failure {
    Failure::internal("nothing was said of it")
}

fn span(message: &Message) -> Span {
    message.span(&message.labels())
}

/// A point in the trace of the message: the work was of all together.
fn trace(message: &Message, failed: bool) {
    let Some(begun) = begin(Kind::Consumer) else {
        return;
    };
    let labels = message.labels();
    let name = labels.kind.as_deref().unwrap_or("message");
    begun.end(name, labels.traceparent.as_deref(), failed);
}
