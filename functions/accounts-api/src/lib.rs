//! Accounts: registering, signing in and staying signed in, and one's profile.
//!
//! | | |
//! |---|---|
//! | trigger | `/api/v1/users`, `/api/v1/auth`, `/.well-known` |
//! | reads | the accounts table, consistently; its limits |
//! | writes | the accounts table: an account with its address in one transaction, all else one item |
//! | emits | nothing yet |
//! | fails with | 400, 401, 404, 409, 412, 422, 428, 429, 503 problems |
//! | safe to repeat because | an address is registered once, a profile is changed from the version that was seen, and a refresh token that is sent again within half a minute yields the same next one |

mod config;
mod routes;
mod sessions;
mod users;
mod well_known;

pub use config::Config;
pub use routes::{App, Store, api, routes};

#[cfg(test)]
mod tests;
