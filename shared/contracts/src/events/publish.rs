//! Publishing of events. The port stands here because the envelope does: the domain knows none.

use std::future::Future;

use domain::ports::Cause;
use thiserror::Error;

use super::Envelope;

/// What became of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublishOutcome {
    /// The topic has it.
    Published,
    /// Not now. Publish it again.
    Failed(Cause),
    /// It will never be published as it is.
    Refused(Cause),
    /// It is larger than the topic takes, in bytes with its attributes. It will never be published.
    TooLarge(usize),
    /// It was not tried, because an earlier event of its aggregate was not published.
    Held,
}

/// Why nothing is known of a whole call. Some of its events may have been published: publish all
/// of them again, the topic and the consumers' inboxes drop what they have seen.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PublishError {
    /// Throttled, timed out or unreachable.
    #[error("the topic is unavailable")]
    Unavailable(#[source] Cause),
    /// Refused. Asking again will not help.
    #[error("the topic refused")]
    Refused(#[source] Cause),
}

/// Publishes events.
pub trait PublishEvents {
    /// Publishes events of any number of aggregates, those of one aggregate in the order given,
    /// and answers one outcome for each, in the same order. After an event that was not published
    /// the later ones of its aggregate are held.
    fn publish(
        &self,
        events: &[Envelope],
    ) -> impl Future<Output = Result<Vec<PublishOutcome>, PublishError>> + Send;
}
