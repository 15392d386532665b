//! What somebody was told: their list, what they have read of it, and what they want by mail; and the
//! ticket by which they are told over a socket.
//!
//! | | |
//! |---|---|
//! | trigger | `/api/v1/notifications` and below, `/api/v1/realtime/tickets` |
//! | reads | the realtime table: lists of notifications, deliveries; API keys |
//! | writes | the realtime table: marks, choices, tickets; the operations table: limits and refusals |
//! | emits | – |
//! | fails with | 400, 401, 404, 422, 429, 503 problems |
//! | safe to repeat because | marks are never taken back, choices are put whole, and a ticket more lets nobody else in |

mod config;
mod list;
mod preferences;
mod read;
mod routes;
mod tickets;
mod unsubscribe;

pub use config::Config;
pub use routes::{App, Lists, api, routes};

#[cfg(test)]
mod tests;
