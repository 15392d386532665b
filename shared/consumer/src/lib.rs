//! How every consumer takes events in: per aggregate, each once, in order of sequence.
//!
//! Delivery is at least once and, after a redrive, out of order. The inbox knows the last sequence
//! applied: what was seen is acknowledged, the next one is applied, and one that came too early is
//! held in the inbox, and acknowledged, until those before it have come. After each of those, seen
//! ones too, what is held and has become next is applied. Who asks for what does not come is
//! `close-gaps`.

mod aside;

use std::future::Future;

use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::events::Envelope;
use domain::ports::{Inbox, SaveError, StoreError};
use domain::{Sequence, Taken, Turn};
use jiff::Timestamp;
use thiserror::Error;
use tracing::info;

pub use aside::set_aside;

/// Why an event goes back to the queue.
#[derive(Debug, Error)]
pub enum ConsumeError<E: std::error::Error + 'static> {
    /// Another copy of it, or another event of its aggregate, was taken in at the same time.
    #[error("others took events of it in meanwhile")]
    Twice,
    /// The inbox failed.
    #[error(transparent)]
    Inbox(#[from] StoreError),
    /// What is held is no event.
    #[error("what is held cannot be read or written")]
    Held(#[source] serde_json::Error),
    /// It, or one that was held and has become next, could not be applied.
    #[error("event {sequence} could not be applied")]
    Apply {
        /// Which one.
        sequence: Sequence,
        /// Why.
        #[source]
        error: E,
    },
}

impl<E: EdgeError + 'static> EdgeError for ConsumeError<E> {
    fn name(&self) -> ErrorName {
        match self {
            Self::Twice => ErrorName::Conflict,
            Self::Inbox(error) => error.name(),
            Self::Held(_) => ErrorName::Internal,
            Self::Apply { error, .. } => error.name(),
        }
    }
}

/// Applies the event if it is the next one of its aggregate, and all that were held for it; holds it
/// if it is early. The inbox moves after each effect, so an effect must bear being applied again.
///
/// # Errors
/// [`ConsumeError`]; the event must then be delivered again. What came before the error is kept.
pub async fn consume<E, F>(
    inbox: &impl Inbox,
    event: Envelope,
    now: Timestamp,
    apply: impl Fn(Envelope) -> F,
) -> Result<(), ConsumeError<E>>
where
    E: std::error::Error + 'static,
    F: Future<Output = Result<(), E>>,
{
    let aggregate = event.group();
    let mut taken = inbox.taken(&aggregate).await?;
    let mut next = match taken.turn_of(Sequence(event.sequence)) {
        Turn::Early => return hold(inbox, &aggregate, taken, &event, now).await,
        Turn::Next => Some(event),
        Turn::Seen => due(&taken)?,
    };
    while let Some(event) = next {
        let sequence = Sequence(event.sequence);
        let applied = apply(event).await;
        applied.map_err(|error| ConsumeError::Apply { sequence, error })?;
        taken.advance(now);
        taken = save(inbox, &aggregate, taken).await?;
        next = due(&taken)?;
    }
    Ok(())
}

/// The event that was held and whose turn it is.
fn due<E: std::error::Error + 'static>(taken: &Taken) -> Result<Option<Envelope>, ConsumeError<E>> {
    let held = taken.due().map(serde_json::from_str).transpose();
    held.map_err(ConsumeError::Held)
}

async fn hold<E: std::error::Error + 'static>(
    inbox: &impl Inbox,
    aggregate: &str,
    mut taken: Taken,
    event: &Envelope,
    now: Timestamp,
) -> Result<(), ConsumeError<E>> {
    let (sequence, applied) = (event.sequence, taken.applied.0);
    if taken.held.contains_key(&Sequence(sequence)) {
        return Ok(());
    }
    info!(event.id = %event.id, sequence, applied, "held: events before it have not come");
    let text = serde_json::to_string(event).map_err(ConsumeError::Held)?;
    taken.hold(Sequence(sequence), text, now);
    save(inbox, aggregate, taken).await.map(drop)
}

async fn save<E: std::error::Error + 'static>(
    inbox: &impl Inbox,
    aggregate: &str,
    taken: Taken,
) -> Result<Taken, ConsumeError<E>> {
    match inbox.save_taken(aggregate, taken).await {
        Ok(taken) => Ok(taken),
        Err(SaveError::Conflict(_)) => Err(ConsumeError::Twice),
        Err(SaveError::Store(error)) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests;
