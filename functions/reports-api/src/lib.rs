//! Reports of what was sold and of what happened, for those who run a shop.
//!
//! | | |
//! |---|---|
//! | trigger | `GET /api/v1/admin/reports/daily`, `/products`, `/events`, all also as `.csv`, and `/failures` |
//! | reads | figures in PostgreSQL, which lag behind the orders by seconds |
//! | writes | the operations table: limits and refusals |
//! | emits | – |
//! | fails with | 400, 401, 403, 429, 503 problems |
//! | safe to repeat because | it only reads, but for limits |

mod config;
mod days;
mod events;
mod routes;
mod rows;
mod sheet;
mod show;

pub use config::Config;
pub use routes::{App, Reports, api, routes};

#[cfg(test)]
mod tests;
