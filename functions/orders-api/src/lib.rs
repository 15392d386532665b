//! Shows orders to those whose they are, and lets them change their mind.
//!
//! | | |
//! |---|---|
//! | trigger | `GET /api/v1/orders`, `/api/v1/orders/{id}`, `/api/v1/orders/{id}/status`, `PUT /api/v1/orders/{id}/cancel` |
//! | reads | the orders table: single orders consistently, the list from its index, which may lag; API keys; its limits |
//! | writes | the order that is cancelled |
//! | emits | `order.cancel-requested`, `order.refund-requested`, through the table's stream |
//! | fails with | 400, 401, 404, 409, 429, 503 problems |
//! | safe to repeat because | the first decision holds, and a second cancel changes nothing |

mod config;
mod routes;

pub use config::Config;
pub use routes::{App, Orders, api, routes};

#[cfg(test)]
mod tests;
