//! What events are in plain words, and whom they concern: the same words stand in somebody's list and
//! in their mail; a text says the same in short.

mod account;
mod course;
mod order;
mod text;

use contracts::events::{Envelope, EventType, InvalidEnvelope};
use domain::{AggregateKind, CustomerId, InvalidId, Notice, NotificationKind, TenantId};
use thiserror::Error;

pub use text::{code_text, text_of};

pub use course::told_to_subscriber;
pub use order::order_of;

/// Something to tell, and whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Whose shop.
    pub tenant: TenantId,
    /// Whom it concerns.
    pub reader: CustomerId,
    /// What it says.
    pub notice: Notice,
}

/// Why an event has no words.
#[derive(Debug, Error)]
pub enum WordingError {
    /// It is not what its type says.
    #[error(transparent)]
    Event(#[from] InvalidEnvelope),
    /// It names somebody, or a shop, by no id of ours.
    #[error("the event names nobody")]
    Id(#[from] InvalidId),
    /// It belongs to no shop.
    #[error("the event is of no shop")]
    Nowhere,
}

/// The words of one kind of event, and whom it names; the rest is the same for all.
struct Words {
    reader: String,
    kind: NotificationKind,
    title: String,
    message: String,
    data: Vec<(&'static str, String)>,
}

/// What to tell because of the event; nothing because of most.
///
/// # Errors
/// [`WordingError`].
pub fn told_by(event: &Envelope) -> Result<Option<Told>, WordingError> {
    let Some(event_type) = EventType::parse(&event.event_type) else {
        return Ok(None);
    };
    let words = match event_type.kind() {
        AggregateKind::Order => order::words_of(event_type, event)?,
        AggregateKind::Account => account::words_of(event_type, event),
        _ => None,
    };
    let Some(words) = words else {
        return Ok(None);
    };
    let tenant = event.tenant.as_deref().ok_or(WordingError::Nowhere)?;
    let data = words.data.into_iter();
    Ok(Some(Told {
        tenant: TenantId::parse(tenant)?,
        reader: CustomerId::parse(&words.reader)?,
        notice: Notice {
            id: event.id.clone(),
            kind: words.kind,
            title: words.title,
            message: words.message,
            data: data.map(|(name, value)| (name.to_owned(), value)).collect(),
            at: event.time,
        },
    }))
}

#[cfg(test)]
mod tests;
