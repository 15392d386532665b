//! Heavy work for those who run a shop: asked for here, done by `run-jobs`.
//!
//! | | |
//! |---|---|
//! | trigger | `/api/v1/admin/jobs` and below |
//! | reads | the operations table: jobs, API keys in the accounts table |
//! | writes | the operations table: jobs, limits and refusals |
//! | emits | a message that jobs wait |
//! | fails with | 400, 401, 403, 404, 409, 422, 429, 503 problems |
//! | safe to repeat because | a job's id is made of its key, its row is put where none is, and one that is lost from the queue is found in its row |

mod ask;
mod cancel;
mod config;
mod routes;
mod show;

pub use config::Config;
pub use routes::{App, Jobs, api, routes};

#[cfg(test)]
mod tests;
