//! Search of the catalogue, for everybody. In a function of its own, because it alone of the catalogue
//! needs the database: where that is away, nothing else notices.
//!
//! | | |
//! |---|---|
//! | trigger | `GET /api/v1/search` |
//! | reads | the index in PostgreSQL, which lags behind the catalogue |
//! | writes | – |
//! | emits | – |
//! | fails with | 400, 429, 503 problems |
//! | safe to repeat because | it only reads |

mod config;
mod list;
mod routes;

pub use config::Config;
pub use routes::{App, Index, api, routes};

#[cfg(test)]
mod tests;
