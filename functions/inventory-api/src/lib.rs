//! Stock over HTTP: how much of a product there is, and for those who run the shop, restocking,
//! putting counts right and what is low.
//!
//! | | |
//! |---|---|
//! | trigger | `/api/v1/products/{id}/inventory`, `/api/v1/admin/inventory` |
//! | reads | the inventory table: single SKUs consistently, the list of what is low from an index, which may lag; the SKU of a product from the catalogue table |
//! | writes | the inventory table: a movement and the stock that it moves in one transaction; a threshold |
//! | emits | `StockChanged`, by the table's stream |
//! | fails with | 400, 401, 403, 404, 409, 422, 503 problems |
//! | safe to repeat because | a movement is recorded under the `Idempotency-Key`, once; a threshold is a number, not a step |

mod config;
mod movements;
mod routes;
mod stock;

pub use config::Config;
pub use routes::{App, Catalogue, Store, api, routes};

#[cfg(test)]
mod tests;
