//! The catalogue: products and courses, shown to everybody and kept by those who run the shop.
//!
//! | | |
//! |---|---|
//! | trigger | `/api/v1/products`, `/api/v1/courses` |
//! | reads | the catalogue table: single entries consistently, lists from an index, which may lag |
//! | writes | the catalogue table, one item; the operations table, a claim and its answer, where a new entry comes with an `Idempotency-Key` |
//! | emits | `ProductCreated`, `ProductUpdated`, `CourseCreated`, by the table's stream |
//! | fails with | 400, 401, 403, 404, 409, 412, 422, 428, 503 problems |
//! | safe to repeat because | an id is given once, and a product is changed from the version that was seen; a new entry without an id gets a second one unless it comes with an `Idempotency-Key`, of which the id is made then, and whose first answer is kept |

mod config;
mod courses;
mod create;
mod lists;
mod products;
mod routes;

pub use config::Config;
pub use routes::{App, Claims, Store, api, routes};

#[cfg(test)]
mod tests;
