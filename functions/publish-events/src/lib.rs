//! The relay: publishes the events that aggregates stored with their changes.
//!
//! | | |
//! |---|---|
//! | trigger | streams of the tables that hold aggregates |
//! | reads | old and new images |
//! | writes | nothing |
//! | emits | events on the topic, in order per aggregate |
//! | fails with | Unavailable; the stream sends the record again as long as it keeps it (24 hours); the item is the durable copy |
//! | safe to repeat because | an event's id is derived from aggregate and sequence: topic and consumers drop what they have seen |

use std::collections::HashSet;

use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::events::{Envelope, PublishError, PublishEvents, PublishOutcome};
use domain::ports::Cause;
use dynamo_store::outbox::{UndecodableImage, from_stream_json, new_events};
use lambda_boot::stream::{Failed, Record};
use lambda_boot::{ConfigError, Env, StreamFailure};
use tracing::error;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The topic.
    pub topic: String,
    /// How a failed record is told.
    pub failure: StreamFailure,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let topic = read.text("EVENTS_TOPIC_ARN");
        let failure = read.parsed("STREAM_FAILURE");
        read.finish(|| {
            Some(Self {
                topic: topic?,
                failure: failure?,
            })
        })
    }
}

/// Why a record was not published wholly.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The topic does not take it now.
    #[error("an event was not published")]
    NotPublished(#[source] Cause),
    /// Nothing is known of the call.
    #[error(transparent)]
    Topic(#[from] PublishError),
}

impl EdgeError for RelayError {
    fn name(&self) -> ErrorName {
        match self {
            Self::NotPublished(_) | Self::Topic(PublishError::Unavailable(_)) => {
                ErrorName::Unavailable
            }
            Self::Topic(PublishError::Refused(_)) => ErrorName::Internal,
        }
    }
}

/// Publishes the events of a batch.
///
/// Nothing is dropped for being late: what fails is sent again. What can *never* be published
/// (an image that cannot be read, an event that is too large) is left in its item, with an alarm:
/// the item is the durable copy, and a replay publishes it after the fix.
pub async fn handle(topic: &impl PublishEvents, records: Vec<Record>) -> Vec<Failed<RelayError>> {
    let (events, origin) = events_of(&records);
    if events.is_empty() {
        return Vec::new();
    }
    let outcomes = match topic.publish(&events).await {
        Ok(outcomes) => outcomes,
        Err(failure) => {
            let all = records
                .iter()
                .map(|record| record.failed(failure.clone().into()));
            return all.collect();
        }
    };
    let mut parked = HashSet::new();
    let mut failed = Vec::new();
    for ((event, outcome), at) in events.iter().zip(outcomes).zip(origin) {
        if let Some(error) = failure_of(event, outcome, &mut parked) {
            failed.extend(records.get(at).map(|record| record.failed(error)));
        }
    }
    failed
}

/// The events, and for each the place of its record in the batch.
fn events_of(records: &[Record]) -> (Vec<Envelope>, Vec<usize>) {
    let mut events = Vec::new();
    let mut origin = Vec::new();
    for (at, record) in records.iter().enumerate() {
        match decode(record) {
            Ok(found) => {
                origin.extend(std::iter::repeat_n(at, found.len()));
                events.extend(found);
            }
            Err(undecodable) => park(&record.keys.to_string(), &undecodable),
        }
    }
    (events, origin)
}

/// A removal has no new image and no events.
fn decode(record: &Record) -> Result<Vec<Envelope>, UndecodableImage> {
    let Some(new) = &record.new_image else {
        return Ok(Vec::new());
    };
    let old = record.old_image.clone().map(from_stream_json).transpose()?;
    new_events(old, from_stream_json(new.clone())?)
}

/// What follows an event that can never be published waits in its item with it: sending it
/// again would hold the whole stream up.
fn failure_of(
    event: &Envelope,
    outcome: PublishOutcome,
    parked: &mut HashSet<String>,
) -> Option<RelayError> {
    let never = match outcome {
        PublishOutcome::Published => return None,
        PublishOutcome::Failed(cause) => return Some(RelayError::NotPublished(cause)),
        PublishOutcome::Held if !parked.contains(&event.group()) => {
            let cause = Cause("an earlier event of its aggregate was not published".to_owned());
            return Some(RelayError::NotPublished(cause));
        }
        PublishOutcome::Held => Cause("an earlier event of its aggregate is parked".to_owned()),
        PublishOutcome::Refused(cause) => cause,
        PublishOutcome::TooLarge(bytes) => Cause(format!("{bytes} bytes are too many")),
    };
    parked.insert(event.group());
    park(&event.id, &never);
    None
}

/// The field is what the alarm looks for.
fn park(what: &str, why: &(dyn std::error::Error + 'static)) {
    error!(
        parked = true,
        what,
        error = why,
        "left in its item: can never be published"
    );
}

#[cfg(test)]
mod tests;
