//! Orders for those who run the shop: which there are, what becomes of them, money that goes back,
//! and everything that happened to one.
//!
//! | | |
//! |---|---|
//! | trigger | `GET /api/v1/admin/orders`, `PUT /api/v1/admin/orders/{id}/status`, `POST /api/v1/admin/orders/{id}/refunds`, `GET /api/v1/orders/{id}/timeline` |
//! | reads | the orders table; of one order its lease, payment and shipment |
//! | writes | the order |
//! | emits | `order.*`, through the table's stream |
//! | fails with | 400, 401, 403, 404, 409, 422, 503 problems |
//! | safe to repeat because | a refund's id is made of its key, and a status that an order has already changes nothing |

mod books;
mod config;
mod list;
mod refunds;
mod routes;
mod status;

pub use books::{Books, ReadBooks};
pub use config::Config;
pub use routes::{App, Orders, api, routes};

#[cfg(test)]
mod tests;
