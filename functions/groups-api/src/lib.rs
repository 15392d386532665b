//! Groups, who belongs to them, and what those who run the shop say to a group or to some people.
//!
//! | | |
//! |---|---|
//! | trigger | `/api/v1/groups`, `/api/v1/admin/groups` and below, `/api/v1/admin/notifications` |
//! | reads | the accounts table: groups, members, accounts, API keys; the realtime table: lists |
//! | writes | the accounts table: groups, members, that something was said; the realtime table: lists of groups and people; the operations table: idempotency keys, limits and refusals |
//! | emits | – |
//! | fails with | 400, 401, 403, 404, 409, 422, 429, 503 problems |
//! | safe to repeat because | ids are made of the idempotency key, a list takes each notification once, and who belongs to a group belongs to it once |

mod config;
mod groups;
mod members;
mod messages;
mod routes;

pub use config::Config;
pub use routes::{App, api, routes};

#[cfg(test)]
mod tests;
