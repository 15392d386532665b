//! Takes an order: one conditional write of the order with the event that it was placed.
//!
//! | | |
//! |---|---|
//! | trigger | `POST /api/v1/orders` |
//! | reads | the catalogue (cached briefly); the orders table only where something may have to be refused |
//! | writes | the orders table, once; the limits where none are in hand |
//! | emits | `order.placed`, through the table's stream, which also starts the saga |
//! | fails with | 400, 401, 409, 413, 422, 429, 503 problems; nothing is written then |
//! | safe to repeat because | the order id is derived from tenant, customer and `Idempotency-Key`, and the write demands that it is new |

mod config;
mod http;

pub use config::Config;
pub use http::{App, api, routes};

#[cfg(test)]
mod tests;
