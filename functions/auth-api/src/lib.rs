//! Signing in, staying signed in and signing out, what mailed links and texted codes do, and what
//! verifies tokens.
//! The one function that holds the keys which tokens are made with.
//!
//! | | |
//! |---|---|
//! | trigger | `/api/v1/auth`, `/api/v1/users/{id}/phone/confirmation`, `/.well-known` |
//! | reads | the accounts table, consistently; the realtime table: what became of texts |
//! | writes | the accounts table, one item each; the operations table: limits |
//! | emits | what was done to an account, by the stream of the table; mails and texts are sent from there |
//! | fails with | 400, 401, 403, 404, 409, 422, 429, 503 problems |
//! | safe to repeat because | a refresh token that is sent again within half a minute yields the same next one, and a link or a code that was used does nothing |

mod config;
mod links;
mod phones;
mod routes;
mod sessions;
mod well_known;

pub use config::Config;
pub use routes::{App, Store, api, routes};

#[cfg(test)]
mod tests;
