//! What somebody was told: their list, what they have read of it, what they want by mail, and whether
//! they want to hear of new courses.
//!
//! | | |
//! |---|---|
//! | trigger | `/api/v1/notifications` and below, `/api/v1/courses/subscriptions` |
//! | reads | the realtime table: lists of notifications, deliveries; what has left them, in PostgreSQL; API keys |
//! | writes | the realtime table: marks, choices and subscribers; marks of what has left it, in PostgreSQL; the operations table: limits and refusals |
//! | emits | – |
//! | fails with | 400, 401, 404, 422, 429, 503 problems |
//! | safe to repeat because | marks are never taken back, choices are put whole, and whoever subscribed is a subscriber still |

mod config;
mod courses;
mod list;
mod past;
mod preferences;
mod read;
mod routes;
mod unsubscribe;

pub use config::Config;
pub use routes::{App, History, Lists, api, routes};

#[cfg(test)]
mod tests;
