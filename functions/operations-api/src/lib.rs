//! What goes on in the shop, on one page, for those who run it.
//!
//! | | |
//! |---|---|
//! | trigger | `GET /api/v1/admin/dashboard` |
//! | reads | the operations table: figures, newest courses; what is low of the inventory table; how services stand, and API keys, of the accounts table; how many dead letters each queue has |
//! | writes | the operations table: limits and refusals |
//! | emits | – |
//! | fails with | 401, 403, 429, 503 problems |
//! | safe to repeat because | it only reads, but for limits |

mod config;
mod dashboard;
mod routes;

pub use config::{Config, DeadLetterQueues, InvalidQueues};
pub use routes::{App, Copies, Figures, Queue, Queues, Stocked, api, routes};

#[cfg(test)]
mod tests;
