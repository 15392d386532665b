//! What an event tells the audit log.

use audit::{Actor, ActorKind, Origin, Outcome, Personal, Record, Salt};
use contracts::events::{Envelope, EventType, OrderPlaced};
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
}

/// The event as an entry tells it: no data of the event but who acted. What the event says stands in
/// the aggregate's own item, which keeps it.
///
/// # Errors
/// [`InvalidEvent`].
pub fn record_of(event: &Envelope, salt: &impl Fn() -> Salt) -> Result<Record, InvalidEvent> {
    let object = event.group();
    let request = event.traceparent.as_deref();
    for (what, text) in [
        ("id", event.id.as_str()),
        ("type", &event.event_type),
        ("kind", event.aggregate_kind()),
        ("subject", &event.subject),
        ("object", &object),
        ("tenant", event.tenant.as_deref().unwrap_or("-")),
        ("traceparent", request.unwrap_or("-")),
    ] {
        if !(1..=MAX_TEXT).contains(&text.len()) {
            return Err(InvalidEvent::Text(what));
        }
    }
    let (kind, subject) = match who(event)? {
        Some(account) => (ActorKind::Account, Some(Personal::of(&account, salt()))),
        None => (ActorKind::System, None),
    };
    Ok(Record {
        message: event.id.clone(),
        at: event.time,
        actor: Actor {
            kind,
            tenant: event.tenant.clone(),
            subject,
        },
        action: event.event_type.clone(),
        object,
        from: Origin {
            address: None,
            request: request.map(str::to_owned),
        },
        outcome: Outcome::Done,
    })
}

/// The account that acted, as far as the event says it: only the placement of an order does. Whatever
/// else somebody asked for is told as done by the shop itself.
fn who(event: &Envelope) -> Result<Option<String>, InvalidEvent> {
    if event.event_type != EventType::OrderPlaced.as_str() {
        return Ok(None);
    }
    let placed: OrderPlaced = event.data()?;
    let fits = (1..=MAX_TEXT).contains(&placed.customer_id.len());
    let customer = fits.then_some(placed.customer_id);
    customer.map(Some).ok_or(InvalidEvent::Text("customer_id"))
}
