//! Reports of what was sold, and of how long the rest lasts, for those who run a shop.
//!
//! | | |
//! |---|---|
//! | trigger | `GET /api/v1/admin/reports/daily`, `/products`, `/stock`, these also as `.csv`, and `/failures` |
//! | reads | figures and stock in PostgreSQL, which lag behind the orders by seconds; answers that were made, in Valkey where there is one |
//! | writes | the operations table: limits and refusals |
//! | emits | – |
//! | fails with | 400, 401, 403, 429, 503 problems |
//! | safe to repeat because | it only reads, but for limits |

mod config;
mod routes;
mod show;
mod stock;

pub use config::Config;
pub use routes::{App, Reports, api, routes};

#[cfg(test)]
mod tests;
