//! The routes, and what they work with.

use std::sync::Arc;

use domain::ports::{KeepChoices, KeepTickets, MarkRead, ReadDeliveries};
use http_edge::{Api, Cursors, Policy};
use identity::LinkTokens;
use lambda_boot::Clock;
use uuid::Uuid;

use crate::{list, preferences, read, tickets, unsubscribe};

/// Where lists are kept.
pub trait Lists:
    MarkRead + KeepChoices + KeepTickets + ReadDeliveries + Send + Sync + 'static
{
}
impl<S> Lists for S where
    S: MarkRead + KeepChoices + KeepTickets + ReadDeliveries + Send + Sync + 'static
{
}

/// What the routes work with.
#[derive(Debug)]
pub struct App<S> {
    /// Lists, and what became of mails.
    pub lists: S,
    /// Signs where a page ends.
    pub cursors: Cursors,
    /// Reads what was mailed.
    pub links: LinkTokens,
    /// The time.
    pub clock: Clock,
    /// Where sockets are opened.
    pub sockets: String,
    /// Makes random ids.
    pub new_id: fn() -> Uuid,
}

/// Nobody sees, or marks, what somebody else was told: not even who runs the shop.
const OWN: Policy = Policy::Owner(&[]);

/// Sockets are for people: a service asks.
const IN_PERSON: Policy = Policy::OwnerInPerson(&[]);
const TICKETS: &str = "/api/v1/realtime/tickets";

/// The routes at work.
pub fn api<S: Lists>(app: App<S>) -> Api {
    routes().with_state(Arc::new(app))
}

/// The routes. Who shows a token that was mailed need not be signed in.
pub fn routes<S: Lists>() -> Api<Arc<App<S>>> {
    let (choices, off) = (
        "/api/v1/notifications/preferences",
        "/api/v1/notifications/unsubscribe",
    );
    Api::default()
        .get("/api/v1/notifications", OWN, list::list::<S>)
        .post("/api/v1/notifications/read", OWN, read::read::<S>)
        .get(choices, OWN, preferences::show::<S>)
        .put(choices, OWN, preferences::choose::<S>)
        .get(off, Policy::Anybody, unsubscribe::show::<S>)
        .post(off, Policy::Anybody, unsubscribe::switch_off::<S>)
        .post(TICKETS, IN_PERSON, tickets::issue::<S>)
}
