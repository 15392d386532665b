//! What somebody was told: their list, what they have read of it, and what they want by mail.
//!
//! | | |
//! |---|---|
//! | trigger | `/api/v1/notifications` and below |
//! | reads | the realtime table: lists of notifications, deliveries; API keys |
//! | writes | the realtime table: marks and choices; the operations table: limits and refusals |
//! | emits | – |
//! | fails with | 400, 401, 404, 422, 429, 503 problems |
//! | safe to repeat because | marks are never taken back, and choices are put whole |

mod config;
mod list;
mod preferences;
mod read;
mod routes;
mod unsubscribe;

pub use config::Config;
pub use routes::{App, Lists, api, routes};

#[cfg(test)]
mod tests;
