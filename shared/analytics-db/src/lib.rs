//! PostgreSQL: what can be built again from the shop's own tables and its events. Today that is the
//! index that the catalogue is searched by; and the history of what readers were told, of which the
//! last thirty days can be built again.
//!
//! Every value goes to the server as a parameter, never as a part of a statement.

mod answer;
mod ask;
mod connect;
mod history;
mod migrate;
mod search;
mod words;
mod write;

pub use connect::{AnalyticsDb, InvalidUrl};
pub use migrate::{MigrateError, Migrated};
