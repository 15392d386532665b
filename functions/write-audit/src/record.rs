//! What an event tells the audit log.

use audit::{Actor, ActorKind, Origin, Outcome, Personal, Record, Salt};
use contracts::events::{Envelope, EventType, InvalidAuthor, NoteTaken, OrderPlaced};
use domain::{Author, AuthorKind};
use thiserror::Error;

/// Longest text that goes into an entry. Ids and types of ours are shorter.
const MAX_TEXT: usize = 512;

/// An event that cannot be told.
#[derive(Debug, Error)]
pub enum InvalidEvent {
    /// A text is empty or too long.
    #[error("{0} is empty or too long")]
    Text(&'static str),
    /// The data does not fit the type.
    #[error(transparent)]
    Data(#[from] contracts::events::InvalidEnvelope),
    /// Nobody can tell who it was.
    #[error(transparent)]
    Author(InvalidAuthor),
}

/// What was done, with what, and how that ended.
struct Deed {
    action: String,
    object: String,
    outcome: Outcome,
}

impl Deed {
    fn of(event: &Envelope) -> Result<Self, InvalidEvent> {
        if event.event_type != EventType::NoteTaken.as_str() {
            return Ok(Self {
                action: event.event_type.clone(),
                object: event.group(),
                outcome: Outcome::Done,
            });
        }
        let note: NoteTaken = event.data()?;
        Ok(Self {
            action: note.action,
            object: note.object,
            outcome: note.refused.map_or(Outcome::Done, Outcome::Refused),
        })
    }

    fn reason(&self) -> &str {
        match &self.outcome {
            Outcome::Done => "-",
            Outcome::Refused(why) => why,
        }
    }
}

/// The event as an entry tells it: no data of the event but who acted, and what a note says. What an
/// event says stands in the aggregate's own item, which keeps it.
///
/// # Errors
/// [`InvalidEvent`].
pub fn record_of(event: &Envelope, salt: &impl Fn() -> Salt) -> Result<Record, InvalidEvent> {
    let deed = Deed::of(event)?;
    let from = event.author.as_ref().map(|author| &author.from);
    let asked = from.and_then(|from| from.request.as_deref());
    let request = asked.or(event.traceparent.as_deref());
    let address = from.and_then(|from| from.address.as_deref());
    for (what, text) in [
        ("id", event.id.as_str()),
        ("type", &event.event_type),
        ("action", &deed.action),
        ("kind", event.aggregate_kind()),
        ("subject", &event.subject),
        ("object", &deed.object),
        ("reason", deed.reason()),
        ("tenant", event.tenant.as_deref().unwrap_or("-")),
        ("request", request.unwrap_or("-")),
        ("address", address.unwrap_or("-")),
    ] {
        if !(1..=MAX_TEXT).contains(&text.len()) {
            return Err(InvalidEvent::Text(what));
        }
    }
    let (kind, subject) = who(event)?;
    Ok(Record {
        message: event.id.clone(),
        at: event.time,
        actor: Actor {
            kind,
            tenant: tenant_of(event),
            subject: subject.map(|subject| Personal::of(&subject, salt())),
        },
        action: deed.action,
        object: deed.object,
        from: Origin {
            address: address.map(|address| Personal::of(address, salt())),
            request: request.map(str::to_owned),
        },
        outcome: deed.outcome,
    })
}

fn tenant_of(event: &Envelope) -> Option<String> {
    let authors = || event.author.as_ref()?.tenant.as_ref();
    let tenant = event.tenant.clone();
    tenant.or_else(|| authors().map(ToString::to_string))
}

/// What somebody asked for says who they are. An order is placed by its customer, also where nobody
/// said so; and whatever else says nothing was done by the shop itself.
fn who(event: &Envelope) -> Result<(ActorKind, Option<String>), InvalidEvent> {
    let author = event.author.as_ref();
    let named = author.filter(|author| author.kind != AuthorKind::Anybody);
    if named.is_none() && event.event_type == EventType::OrderPlaced.as_str() {
        let placed: OrderPlaced = event.data()?;
        let fits = (1..=MAX_TEXT).contains(&placed.customer_id.len());
        let customer = fits.then_some(placed.customer_id);
        let customer = customer.ok_or(InvalidEvent::Text("customer_id"))?;
        return Ok((ActorKind::Account, Some(customer)));
    }
    Ok(author.map_or((ActorKind::System, None), actor))
}

fn actor(author: &Author) -> (ActorKind, Option<String>) {
    let kind = match author.kind {
        AuthorKind::Account | AuthorKind::Owner => ActorKind::Account,
        AuthorKind::ApiKey => ActorKind::ApiKey,
        AuthorKind::Provider => ActorKind::Provider,
        AuthorKind::Service => ActorKind::Service,
        AuthorKind::Operator => ActorKind::Operator,
        AuthorKind::Anybody => ActorKind::Unknown,
    };
    (kind, author.subject.as_ref().map(ToString::to_string))
}
