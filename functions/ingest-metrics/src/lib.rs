//! Takes in what happens at tenants: rows and figures in the database, and what happens now as metrics.
//!
//! | | |
//! |---|---|
//! | trigger | queue of batches, many at once |
//! | reads, writes | PostgreSQL: ids of batches, events, figures of days and hours; dead letters, with the reason, of what can never be taken in |
//! | emits | metrics of CloudWatch: how many events of each type, and how long they took |
//! | fails with | BadInput, Unavailable, Internal; the message goes back to the queue |
//! | safe to repeat because | the batch's id is taken in with its events and figures, in one transaction, and counts once |

mod config;
mod now;
mod take;

use std::time::Duration;

use consumer::set_aside;
use contracts::InvalidBody;
use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::http::QueuedMetrics;
use domain::ports::{BatchTaken, Cause, SendMessages, StoreError, TakeMetrics, TakeMetricsError};
use futures::future::join_all;
use jiff::Timestamp;
use lambda_boot::queue::Unread;
use tokio::time::{Instant, timeout_at};

pub use config::Config;
use take::{Outcome, take};

/// Of the ten seconds of an invocation: batches that were taken in are not to go back for those that were not.
const ASIDE: Duration = Duration::from_secs(2);

/// Why a batch was not taken in.
#[derive(Clone, Debug, thiserror::Error)]
pub enum IngestError {
    /// It is no batch.
    #[error("{} {}", .0.pointer, .0.problem)]
    Batch(InvalidBody),
    /// It has an event of a month that takes none any more, or the database failed.
    #[error(transparent)]
    Take(#[from] TakeMetricsError),
    /// It is refused, and could not be set aside.
    #[error("the batch could not be put to the dead letters")]
    SetAside(#[source] StoreError),
}

impl EdgeError for IngestError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Batch(_) | Self::Take(TakeMetricsError::Archived { .. }) => ErrorName::BadInput,
            Self::Take(TakeMetricsError::Store(error)) | Self::SetAside(error) => error.name(),
        }
    }
}

impl IngestError {
    /// Whether it is refused for good. What is left may be done when it comes again.
    const fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Batch(_) | Self::Take(TakeMetricsError::Archived { .. })
        )
    }
}

/// What batches are taken in with.
#[derive(Debug)]
pub struct App<M, D> {
    metrics: M,
    dead_letters: D,
    types: now::Types,
    /// How long all that is refused may take to be set aside.
    aside: Duration,
}

impl<M, D> App<M, D> {
    /// With what takes them in, and with dead letters.
    pub fn new(metrics: M, dead_letters: D) -> Self {
        Self {
            metrics,
            dead_letters,
            types: now::Types::default(),
            aside: ASIDE,
        }
    }
}

/// Takes batches in, all together where that can be; sets those aside that can never be taken in.
/// Says of each message what became of it.
pub async fn handle(
    app: &App<impl TakeMetrics + Sync, impl SendMessages>,
    now: Timestamp,
    messages: Vec<Unread>,
) -> Vec<Result<(), IngestError>> {
    let mut batches = Vec::with_capacity(messages.len());
    let mut read = Vec::with_capacity(messages.len());
    for message in &messages {
        read.push(QueuedMetrics::read(&message.body).map(|batch| batches.push(batch)));
    }
    let taken = take(&app.metrics, &batches, now).await;
    let each = batches.iter().zip(&taken);
    let new = each.filter(|(_, taken)| matches!(taken, Ok(BatchTaken::New)));
    now::tell(&app.types, new.map(|(batch, _)| batch), now);
    let mut taken = taken.into_iter();
    let outcomes = read.into_iter().map(|read| match read {
        Ok(()) => taken.next().map_or_else(unsaid, known),
        Err(invalid) => Err(IngestError::Batch(invalid)),
    });
    let until = Instant::now() + app.aside;
    let settled = messages.into_iter().zip(outcomes);
    join_all(settled.map(|it| settle(&app.dead_letters, until, it))).await
}

/// Sets a message aside that is refused. One for which there is no time goes back, and holds no other up.
async fn settle(
    dead_letters: &impl SendMessages,
    until: Instant,
    (message, outcome): (Unread, Result<(), IngestError>),
) -> Result<(), IngestError> {
    match outcome {
        Err(refused) if refused.is_refusal() => {
            let aside = set_aside(dead_letters, message.body, &refused);
            let aside = timeout_at(until, aside).await;
            aside
                .unwrap_or_else(|_| Err(late()))
                .map_err(IngestError::SetAside)
        }
        outcome => outcome,
    }
}

fn late() -> StoreError {
    StoreError::Unavailable(Cause("the dead letters did not answer in time".to_owned()))
}

/// Cannot be: each batch has an outcome.
fn unsaid() -> Result<(), IngestError> {
    let cause = Cause("nothing was said of a batch".to_owned());
    Err(TakeMetricsError::from(StoreError::Broken(cause)).into())
}

/// New or known, it counts.
fn known(outcome: Outcome) -> Result<(), IngestError> {
    outcome.map(drop).map_err(IngestError::Take)
}

#[cfg(test)]
mod tests;
