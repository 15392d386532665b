//! How every consumer takes events in: per aggregate, each once, in order of sequence.
//!
//! Delivery is at least once and, after a redrive, out of order. The inbox knows the last
//! sequence applied: what was seen is acknowledged, the next one is applied, and one that came
//! too early goes back to the queue until those before it have come.

use std::future::Future;

use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::events::Envelope;
use domain::Sequence;
use domain::ports::{Inbox, SaveError, StoreError};
use thiserror::Error;

/// Why an event goes back to the queue.
#[derive(Debug, Error)]
pub enum ConsumeError<E: std::error::Error + 'static> {
    /// Events before it have not come yet.
    #[error("event {sequence} came after {applied}")]
    Early {
        /// Its sequence.
        sequence: Sequence,
        /// The last one applied.
        applied: Sequence,
    },
    /// Another copy of it is being applied right now.
    #[error("another copy is being applied")]
    Twice,
    /// The inbox failed.
    #[error(transparent)]
    Inbox(#[from] StoreError),
    /// It could not be applied.
    #[error("could not be applied")]
    Apply(#[source] E),
}

impl<E: EdgeError + 'static> EdgeError for ConsumeError<E> {
    fn name(&self) -> ErrorName {
        match self {
            Self::Early { .. } | Self::Twice => ErrorName::Conflict,
            Self::Inbox(error) => error.name(),
            Self::Apply(error) => error.name(),
        }
    }
}

/// Applies the event if it is the next one of its aggregate, then moves the inbox. An effect
/// must bear being applied again: the inbox moves after it.
///
/// # Errors
/// [`ConsumeError`]; the event must then be delivered again.
pub async fn consume<E, F>(
    inbox: &impl Inbox,
    event: &Envelope,
    apply: impl FnOnce() -> F,
) -> Result<(), ConsumeError<E>>
where
    E: std::error::Error + 'static,
    F: Future<Output = Result<(), E>>,
{
    let aggregate = event.group();
    let sequence = Sequence(event.sequence);
    let applied = inbox.applied(&aggregate).await?;
    if sequence <= applied {
        return Ok(());
    }
    if sequence > applied.next() {
        return Err(ConsumeError::Early { sequence, applied });
    }
    apply().await.map_err(ConsumeError::Apply)?;
    match inbox.advance(&aggregate, sequence).await {
        Ok(()) => Ok(()),
        Err(SaveError::Conflict(_)) => Err(ConsumeError::Twice),
        Err(SaveError::Store(error)) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests;
