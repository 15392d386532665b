//! How the shop itself is: whether it is well, and what it has counted. And whatever no other
//! function is asked for: paths that are not there, methods that a path has not, and browsers that
//! ask before they send.
//!
//! | | |
//! |---|---|
//! | trigger | `GET /health`, `GET /metrics`, and the `$default` route of the HTTP API |
//! | reads | one missing item of each table that an order needs; CloudWatch, for metrics |
//! | writes | the operations table: limits and refusals |
//! | emits | nothing |
//! | fails with | 401, 403, 404, 405, 429, 500, 503 problems |
//! | safe to repeat because | it only reads, but for limits |

mod config;
mod health;
mod metrics;
mod paths;
mod routes;

pub use config::Config;
pub use health::{Check, Dependencies, Tables};
pub use metrics::{ReadMetrics, WANTED};
pub use paths::PATHS;
pub use routes::{App, api, routes};

#[cfg(test)]
mod tests;
