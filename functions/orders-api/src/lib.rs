//! Shows orders to those whose they are.
//!
//! | | |
//! |---|---|
//! | trigger | `GET /api/v1/orders`, `/api/v1/orders/{id}`, `/api/v1/orders/{id}/status` |
//! | reads | the orders table: single orders consistently, the list from its index, which may lag; its limits |
//! | writes | nothing |
//! | emits | nothing |
//! | fails with | 400, 401, 404, 429, 503 problems |
//! | safe to repeat because | it only reads |

mod config;
mod routes;

pub use config::Config;
pub use routes::{App, Orders, api, routes};

#[cfg(test)]
mod tests;
