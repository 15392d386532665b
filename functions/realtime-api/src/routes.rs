//! The routes, and what they work with.

use std::sync::Arc;

use domain::ports::{KeepChoices, KeepSubscribers, KeepTickets, MarkRead, ReadGroups, ReadHistory};
use http_edge::{Api, Cursors, Policy};
use identity::LinkTokens;
use lambda_boot::Clock;
use told::ReadOutcomes;
use uuid::Uuid;

use crate::{courses, list, preferences, read, tickets, unsubscribe};

/// Where lists are kept, with what became of what is in them.
pub trait Told: MarkRead + ReadOutcomes {}
impl<S: MarkRead + ReadOutcomes> Told for S {}

/// The same, with what readers want, and their tickets.
pub trait Lists:
    Told + KeepChoices + KeepSubscribers + KeepTickets + Send + Sync + 'static
{
}
impl<S: Told + KeepChoices + KeepSubscribers + KeepTickets + Send + Sync + 'static> Lists for S {}

/// Where what has left the lists is kept.
pub trait History: ReadHistory + Send + Sync + 'static {}
impl<H: ReadHistory + Send + Sync + 'static> History for H {}

/// Where it is known who belongs to which group.
pub trait Groups: ReadGroups + Send + Sync + 'static {}
impl<G: ReadGroups + Send + Sync + 'static> Groups for G {}

/// What the routes work with.
#[derive(Debug)]
pub struct App<S, H, G> {
    /// Lists, and what became of mails and texts.
    pub lists: S,
    /// The full history, where there is a database.
    pub history: Option<H>,
    /// Who belongs to which group.
    pub groups: G,
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

/// Nobody sees, or marks, what somebody else was told: not even who runs the shop, who reads only what
/// groups were told.
const OWN: Policy = Policy::Owner(&[]);

/// Sockets are for people: a service asks.
const IN_PERSON: Policy = Policy::OwnerInPerson(&[]);
const TICKETS: &str = "/api/v1/realtime/tickets";

/// The routes at work.
pub fn api<S: Lists, H: History, G: Groups>(app: App<S, H, G>) -> Api {
    routes().with_state(Arc::new(app))
}

/// The routes. Who shows a token that was mailed need not be signed in.
pub fn routes<S: Lists, H: History, G: Groups>() -> Api<Arc<App<S, H, G>>> {
    let (choices, off) = (
        "/api/v1/notifications/preferences",
        "/api/v1/notifications/unsubscribe",
    );
    let new_courses = "/api/v1/courses/subscriptions";
    Api::default()
        .get("/api/v1/notifications", OWN, list::get_history::<S, H, G>)
        .post("/api/v1/notifications/read", OWN, read::read::<S, H, G>)
        .get(choices, OWN, preferences::show::<S, H, G>)
        .put(choices, OWN, preferences::choose::<S, H, G>)
        .get(off, Policy::Anybody, unsubscribe::show::<S, H, G>)
        .post(off, Policy::Anybody, unsubscribe::switch_off::<S, H, G>)
        .get("/api/v1/notifications/status", OWN, list::show::<S, H, G>)
        .get(new_courses, OWN, courses::show::<S, H, G>)
        .put(new_courses, OWN, courses::subscribe::<S, H, G>)
        .delete(new_courses, OWN, courses::unsubscribe::<S, H, G>)
        .post(TICKETS, IN_PERSON, tickets::issue::<S, H, G>)
}
