//! What somebody was told: their list, what they have read of it, what they want by mail or as a text,
//! and whether they want to hear of new courses; and the ticket by which they are told over a socket.
//!
//! | | |
//! |---|---|
//! | trigger | `/api/v1/notifications` and below, `/api/v1/courses/subscriptions`, `/api/v1/realtime/tickets` |
//! | reads | the realtime table: lists of notifications, deliveries; what has left them, in PostgreSQL; the accounts table: groups and API keys |
//! | writes | the realtime table: marks, choices, subscribers and tickets; marks of what has left it, in PostgreSQL; the operations table: limits and refusals |
//! | emits | – |
//! | fails with | 400, 401, 404, 422, 429, 503 problems |
//! | safe to repeat because | marks are never taken back, choices are put whole, whoever subscribed is a subscriber still, and a ticket more lets nobody else in |

mod config;
mod courses;
mod list;
mod preferences;
mod read;
mod routes;
mod tickets;
mod unsubscribe;

pub use config::Config;
pub use routes::{App, Groups, History, Lists, api, routes};

#[cfg(test)]
mod tests;
