//! The audit log for those who run the shop: who did what to which object, from where, and how it
//! ended.
//!
//! | | |
//! |---|---|
//! | trigger | `GET /api/v1/admin/audit` |
//! | reads | the audit table; API keys, to refuse them |
//! | writes | the operations table: limits and refusals |
//! | emits | – |
//! | fails with | 400, 401, 403, 429, 503 problems |
//! | safe to repeat because | nothing of the log changes |

mod config;
mod list;
mod routes;

pub use config::Config;
pub use routes::{App, Chains, api, routes};

#[cfg(test)]
mod tests;
