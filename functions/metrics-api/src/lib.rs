//! Takes batches of what happens at a tenant, and reports it. Batches are safe in a queue before anybody hears
//! so, and count once, however often they are sent.
//!
//! | | |
//! |---|---|
//! | trigger | `POST /api/v1/metrics/events`; `GET /api/v1/admin/reports/events`, also as `.csv` |
//! | reads | figures in PostgreSQL, which lag behind the batches by seconds; answers that were made, in Valkey where there is one |
//! | writes | the operations table: limits and refusals |
//! | emits | the batch, into the queue of `ingest-metrics` |
//! | fails with | 400, 401, 403, 413, 422, 429, 503 problems |
//! | safe to repeat because | a batch has an id that its sender made, and counts once by it |

mod config;
mod events;
mod routes;

pub use config::Config;
pub use routes::{App, Batches, Reports, api, routes};

#[cfg(test)]
mod tests;
