//! Runner for SQS queues, FIFO ones above all: the messages of a group one by one in order, groups
//! beside each other, a partial answer, and after a failure in a message group the rest of that
//! group goes back too, so that nothing overtakes; except where the handler has an inbox for the group.

mod message;
mod together;

use std::future::Future;

use contracts::edge::EdgeError;
use futures::future::join_all;
use lambda_runtime::{Diagnostic, LambdaEvent, Runtime, service_fn};
use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;
use tracing::{Instrument, Span, error_span, info};

use crate::invocation::{Budget, Countdown, Failure, decode, span, whole_milliseconds};
use crate::traces::Kind;
use crate::{Error, runtime, traces};
use message::{Batch, Labels, MessageId};
pub use message::{FromMessage, Labelled, Message, Unread};
pub use together::answer_together;
pub(crate) use together::serve as serve_together;

/// Message groups that are worked on at one time.
const GROUPS_AT_ONCE: usize = 10;

/// What becomes of the messages of a group behind one that failed.
#[derive(Clone, Copy, Debug)]
enum Behind {
    /// They go back untried.
    GoBack,
    /// They are tried in the groups of which this is true: the handler keeps their order itself.
    AreTried(fn(&str) -> bool),
}

impl Behind {
    fn are_tried(self, group: Option<&str>) -> bool {
        match self {
            Self::GoBack => false,
            Self::AreTried(has_inbox) => group.is_some_and(has_inbox),
        }
    }
}

/// Takes batches from Lambda until the process ends. The handler gets each message's body,
/// decoded from JSON; as [`Labelled`], with its attributes.
///
/// # Errors
/// When Lambda's runtime interface is gone.
pub async fn serve<M, E, F>(handler: impl Fn(M) -> F) -> Result<(), Error>
where
    M: FromMessage,
    E: EdgeError,
    F: Future<Output = Result<(), E>>,
{
    run(handler, Behind::GoBack).await
}

/// The same for a handler with an inbox for the messages of some groups: there, what comes behind a
/// message that failed is tried, so that the inbox can hold it, and does not follow that message to
/// the dead letters.
///
/// # Errors
/// As [`serve`].
pub async fn serve_inbox<M, E, F>(
    has_inbox: fn(&str) -> bool,
    handler: impl Fn(M) -> F,
) -> Result<(), Error>
where
    M: FromMessage,
    E: EdgeError,
    F: Future<Output = Result<(), E>>,
{
    run(handler, Behind::AreTried(has_inbox)).await
}

async fn run<M, E, F>(handler: impl Fn(M) -> F, behind: Behind) -> Result<(), Error>
where
    M: FromMessage,
    E: EdgeError,
    F: Future<Output = Result<(), E>>,
{
    let handler = &handler;
    each(async |event, budget| answer_within(handler, event, behind, budget).await).await
}

/// Answers each batch until the process ends.
async fn each(
    answer: impl AsyncFn(Value, Budget) -> Result<BatchAnswer, Diagnostic>,
) -> Result<(), Error> {
    let answer = &answer;
    let service = service_fn(async |event: LambdaEvent<Value>| {
        let (event, context) = event.into_parts();
        let budget = Budget::of_invocation(&context);
        let span = span(&context.request_id, &Value::Null);
        let answer = answer(event, budget).instrument(span).await;
        traces::flush().await;
        answer
    });
    runtime::run(Runtime::new(service)).await
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
    M: FromMessage,
    E: EdgeError,
    F: Future<Output = Result<(), E>>,
{
    answer_within(handler, event, Behind::GoBack, Budget::UNLIMITED).await
}

/// The same of [`serve_inbox`].
///
/// # Errors
/// As [`answer`].
pub async fn answer_of_inbox<M, E, F>(
    has_inbox: fn(&str) -> bool,
    handler: impl Fn(M) -> F,
    event: Value,
) -> Result<BatchAnswer, Diagnostic>
where
    M: FromMessage,
    E: EdgeError,
    F: Future<Output = Result<(), E>>,
{
    let behind = Behind::AreTried(has_inbox);
    answer_within(handler, event, behind, Budget::UNLIMITED).await
}

/// Within a time limit: past it, what is not done goes back.
async fn answer_within<M, E, F>(
    handler: impl Fn(M) -> F,
    event: Value,
    behind: Behind,
    budget: Budget,
) -> Result<BatchAnswer, Diagnostic>
where
    M: FromMessage,
    E: EdgeError,
    F: Future<Output = Result<(), E>>,
{
    let drained = async |batch, countdown| drain(&handler, batch, (behind, countdown)).await;
    answer_by(drained, event, budget).await
}

/// What one batch answers when it is drained so.
async fn answer_by(
    drain: impl AsyncFnOnce(Batch, Countdown) -> Vec<Returned>,
    event: Value,
    budget: Budget,
) -> Result<BatchAnswer, Diagnostic> {
    let started = Instant::now();
    let batch: Batch = decode(event).inspect_err(|failure: &Failure| {
        failure.log("invocation", Some(started.elapsed()));
    })?;
    let messages = batch.records.len();
    let batch_item_failures = drain(batch, budget.start()).await;
    let failed = batch_item_failures.len();
    let outcome = if failed == 0 { "ok" } else { "partial" };
    let duration_ms = whole_milliseconds(started.elapsed());
    info!(outcome, messages, failed, duration_ms, "invocation");
    Ok(BatchAnswer {
        batch_item_failures,
    })
}

/// Groups run beside each other, the messages of one group in their order.
async fn drain<M, E, F>(
    handler: &impl Fn(M) -> F,
    batch: Batch,
    limits: (Behind, Countdown),
) -> Vec<Returned>
where
    M: FromMessage,
    E: EdgeError,
    F: Future<Output = Result<(), E>>,
{
    let mut groups = groups_of(batch).into_iter();
    let mut returned: Vec<(usize, Returned)> = Vec::new();
    loop {
        let some = groups.by_ref().take(GROUPS_AT_ONCE);
        let running = some.map(|group| drain_group(handler, group, limits));
        let drained = join_all(running).await;
        if drained.is_empty() {
            break;
        }
        returned.extend(drained.into_iter().flatten());
    }
    returned.sort_by_key(|(place, _)| *place);
    returned.into_iter().map(|(_, returned)| returned).collect()
}

/// The messages with their places in the batch, by group; one without a group is a group of its
/// own.
fn groups_of(batch: Batch) -> Vec<Vec<(usize, Message)>> {
    let mut groups: Vec<Vec<(usize, Message)>> = Vec::new();
    for (place, message) in batch.records.into_iter().enumerate() {
        let same = |group: &&mut Vec<(usize, Message)>| {
            let first = group.first().and_then(|(_, first)| first.group());
            first.is_some() && first == message.group()
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push((place, message)),
            None => groups.push(vec![(place, message)]),
        }
    }
    groups
}

/// What goes back of one group: the messages that failed, and those that were left behind them.
async fn drain_group<M, E, F>(
    handler: &impl Fn(M) -> F,
    group: Vec<(usize, Message)>,
    (behind, countdown): (Behind, Countdown),
) -> Vec<(usize, Returned)>
where
    M: FromMessage,
    E: EdgeError,
    F: Future<Output = Result<(), E>>,
{
    let mut returned = Vec::new();
    for (place, message) in group {
        let is_left = !returned.is_empty() && !behind.are_tried(message.group());
        let labels = message.labels();
        let begun = traces::begin(Kind::Consumer).filter(|_| !is_left);
        let done = !is_left
            && deliver(handler, &message, countdown)
                .instrument(message.span(&labels))
                .await
                .is_ok();
        if let Some(begun) = begun {
            let name = labels.kind.as_deref().unwrap_or("message");
            begun.end(name, labels.traceparent.as_deref(), !done);
        }
        if !done {
            returned.push((place, message.returned()));
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
    M: FromMessage,
    E: EdgeError,
    F: Future<Output = Result<(), E>>,
{
    let delivery = async {
        let taken = M::from_message(message).map_err(Failure::bad_input)?;
        let work = Box::pin(async { handler(taken).await.map_err(|error| Failure::of(&error)) });
        countdown.guard(work).await?
    };
    let outcome = delivery.await;
    if let Err(failure) = &outcome {
        failure.log("message goes back", None);
    }
    outcome
}

impl Message {
    fn span(&self, labels: &Labels) -> Span {
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
