//! Skipping an event: what takes its place is sent, so that what waits behind it goes on.

use std::fmt;

use clap::ValueEnum;
use contracts::events::{
    Envelope, NoteTaken, PublishError, PublishEvents, PublishOutcome, note_taken, skipped,
};
use domain::ports::{Cause, Inbox, StoreError};
use domain::{AggregateKind, Author, AuthorKind, CustomerId, Origin, Sequence};
use jiff::Timestamp;
use serde::Serialize;
use thiserror::Error;

use super::stored::Subject;

#[cfg(test)]
mod tests;

/// A consumer that takes events in by their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Consumer {
    Notify,
    TrackShipments,
}

impl Consumer {
    const ALL: [Self; 2] = [Self::Notify, Self::TrackShipments];

    /// Its name, and that of its queue.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Notify => "notify",
            Self::TrackShipments => "track-shipments",
        }
    }

    /// Of what it takes events in by their order.
    const fn kind(self) -> AggregateKind {
        match self {
            Self::Notify => AggregateKind::Order,
            Self::TrackShipments => AggregateKind::Shipment,
        }
    }
}

/// Why nothing was skipped.
#[derive(Debug, Error)]
pub(crate) enum SkipError {
    #[error("{consumer} takes in no events of a {kind}")]
    NotConcerned {
        consumer: &'static str,
        kind: &'static str,
    },
    #[error("{aggregate} has no event {sequence}; its last one is {last}")]
    NotReached {
        aggregate: String,
        sequence: u32,
        last: u32,
    },
    #[error("{consumer} waits for event {awaited}, not for {sequence}")]
    NotAwaited {
        consumer: &'static str,
        awaited: Sequence,
        sequence: u32,
    },
    #[error("event {sequence} was not published, or sent")]
    NotSent {
        sequence: u32,
        #[source]
        cause: Cause,
    },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Publish(#[from] PublishError),
}

/// Which event is to be skipped, by whom, and on whose word.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) subject: Subject,
    pub(super) sequence: u32,
    /// One consumer; by everybody where none is said.
    pub(super) consumer: Option<Consumer>,
    pub(super) by: CustomerId,
    pub(super) reason: String,
    pub(super) now: Timestamp,
}

/// What was, or would be, skipped.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Done {
    event: String,
    #[serde(rename = "type")]
    event_type: String,
    /// A consumer, or `all`.
    consumer: &'static str,
    /// Later ones that were published again behind it.
    again: usize,
    dry_run: bool,
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self.dry_run {
            true => "would be skipped",
            false => "is skipped",
        };
        let (event, event_type, consumer) = (&self.event, &self.event_type, self.consumer);
        write!(f, "{event} ({event_type}) {words} by {consumer}")?;
        match self.again {
            0 => Ok(()),
            again => write!(f, ", {again} later ones published again"),
        }
    }
}

/// What is sent.
#[derive(Debug)]
pub(super) struct Skipping {
    /// What takes the event's place, and behind it, for everybody, what came after it: the relay leaves
    /// that where it is, together with the event.
    events: Vec<Envelope>,
    /// For the audit log.
    note: Envelope,
    done: Done,
}

impl Request {
    fn whom(&self) -> &'static str {
        self.consumer.map_or("all", Consumer::name)
    }

    /// The consumers that have to wait for the event: the named one, or all that it concerns.
    pub(super) fn consumers(&self) -> Result<Vec<Consumer>, SkipError> {
        let kind = self.subject.kind;
        match self.consumer {
            Some(named) if named.kind() != kind => Err(SkipError::NotConcerned {
                consumer: named.name(),
                kind: kind.name(),
            }),
            Some(named) => Ok(vec![named]),
            None => Ok(Consumer::ALL
                .into_iter()
                .filter(|it| it.kind() == kind)
                .collect()),
        }
    }

    /// Refuses where the consumer does not wait for this event: it would hold what takes its place, or
    /// has applied it.
    pub(super) async fn is_awaited(
        &self,
        consumer: Consumer,
        inbox: &impl Inbox,
    ) -> Result<(), SkipError> {
        let taken = inbox.taken(&self.subject.group()).await?;
        let awaited = taken.applied.next();
        if awaited == Sequence(self.sequence) {
            return Ok(());
        }
        Err(SkipError::NotAwaited {
            consumer: consumer.name(),
            awaited,
            sequence: self.sequence,
        })
    }

    /// What to send in the place of one of these events, all of the aggregate.
    pub(super) fn prepare(&self, events: &[Envelope]) -> Result<Skipping, SkipError> {
        let place = events.iter().position(|it| it.sequence == self.sequence);
        let found = place.and_then(|place| events.get(place..)?.split_first());
        let tombstone =
            found.and_then(|(event, later)| Some((event, skipped(event, self.now)?, later)));
        let Some((event, mut tombstone, later)) = tombstone else {
            return Err(SkipError::NotReached {
                aggregate: self.subject.group(),
                sequence: self.sequence,
                last: events.last().map_or(0, |last| last.sequence),
            });
        };
        let author = self.author(event);
        tombstone.author = Some(author.clone());
        let later = if self.consumer.is_none() { later } else { &[] };
        Ok(Skipping {
            done: Done {
                event: event.id.clone(),
                event_type: event.event_type.clone(),
                consumer: self.whom(),
                again: later.len(),
                dry_run: false,
            },
            note: Envelope {
                author: Some(author),
                ..self.note(event)
            },
            events: std::iter::once(tombstone)
                .chain(later.iter().cloned())
                .collect(),
        })
    }

    fn author(&self, event: &Envelope) -> Author {
        let tenant = event.tenant.as_deref();
        Author {
            tenant: tenant.and_then(|tenant| domain::TenantId::parse(tenant).ok()),
            subject: Some(self.by.clone()),
            ..Author::unnamed(AuthorKind::Operator, Origin::default())
        }
    }

    /// Each try is a note of its own: who skips an event twice did it twice.
    fn note(&self, event: &Envelope) -> Envelope {
        let (sequence, whom, reason) = (self.sequence, self.whom(), &self.reason);
        let data = NoteTaken {
            action: format!("event.skipped {sequence} by {whom}: {reason}"),
            object: self.subject.group(),
            refused: None,
        };
        let subject = format!("skip-{}", self.now.as_nanosecond());
        let mut note = note_taken(subject, Sequence(1), self.now, None, &data);
        note.tenant.clone_from(&event.tenant);
        note
    }
}

impl Skipping {
    /// What would be done.
    pub(super) fn forecast(self) -> Done {
        Done {
            dry_run: true,
            ..self.done
        }
    }

    /// Tells the audit log first: of what is not there nobody is to wonder later.
    pub(super) async fn carry_out(
        self,
        topic: &impl PublishEvents,
        target: &impl PublishEvents,
    ) -> Result<Done, SkipError> {
        publish(topic, std::slice::from_ref(&self.note)).await?;
        publish(target, &self.events).await?;
        Ok(self.done)
    }
}

async fn publish(target: &impl PublishEvents, events: &[Envelope]) -> Result<(), SkipError> {
    let outcomes = target.publish(events).await?;
    for (event, outcome) in events.iter().zip(outcomes) {
        let cause = match outcome {
            PublishOutcome::Published => continue,
            PublishOutcome::Failed(cause) | PublishOutcome::Refused(cause) => cause,
            PublishOutcome::TooLarge(bytes) => Cause(format!("it has {bytes} bytes")),
            PublishOutcome::Held => Cause("one before it was not".to_owned()),
        };
        let sequence = event.sequence;
        return Err(SkipError::NotSent { sequence, cause });
    }
    Ok(())
}
