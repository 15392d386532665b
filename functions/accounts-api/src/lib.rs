//! Accounts: registering, one's profile, address and password, and what those who run the shop do with them.
//! It holds none of the keys that tokens are made with.
//!
//! | | |
//! |---|---|
//! | trigger | `/api/v1/users`, `/api/v1/admin/users`, `/api/v1/admin/destinations`, `/api/v1/api-keys` |
//! | reads | the accounts table, consistently; its limits |
//! | writes | the accounts table: an account with its address in one transaction, and with the one before where it moves; all else one item |
//! | emits | what was done to an account, by the stream of the table |
//! | fails with | 400, 401, 403, 404, 409, 412, 422, 428, 429, 503 problems |
//! | safe to repeat because | an address is registered once, an account moves and a profile is changed from the version that was seen; a new API key is another one each time |

mod config;
mod copies;
mod keys;
mod routes;
mod users;

pub use config::Config;
pub use routes::{App, Store, api, routes};

#[cfg(test)]
mod tests;
