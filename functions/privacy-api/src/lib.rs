//! What the shop keeps about a person: shown to them, and erased.
//!
//! | | |
//! |---|---|
//! | trigger | `GET /api/v1/users/{id}/export`, `POST /api/v1/users/{id}/erase` |
//! | reads | accounts, orders, payments, shipments, what they were told and mailed; its limits |
//! | writes | the accounts table: the account and its address in one transaction |
//! | emits | `account.erased`, by the stream of the table; `erase-person` does the rest |
//! | fails with | 400, 401, 403, 404, 409, 422, 429, 503 problems |
//! | safe to repeat because | what was erased is answered as the first time |

mod config;
mod erase;
mod export;
mod kept;
mod routes;

pub use config::Config;
pub use kept::{Beside, Kept, ReadKept, Told};
pub use routes::{Accounts, App, api, routes};

#[cfg(test)]
mod tests;
