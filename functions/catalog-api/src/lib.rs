//! The catalogue: products and courses, shown to everybody and kept by those who run the shop.
//!
//! | | |
//! |---|---|
//! | trigger | `/api/v1/products`, `/api/v1/courses` |
//! | reads | the catalogue table: single entries consistently, lists from an index, which may lag |
//! | writes | the catalogue table, one item |
//! | emits | `ProductCreated`, `ProductUpdated`, `CourseCreated`, by the table's stream |
//! | fails with | 400, 401, 403, 404, 409, 412, 422, 428, 503 problems |
//! | safe to repeat because | an id is given once, and a product is changed from the version that was seen |

mod config;
mod courses;
mod lists;
mod products;
mod routes;

pub use config::Config;
pub use routes::{App, Store, api, routes};

#[cfg(test)]
mod tests;
