//! PostgreSQL: what can be built again from the shop's own tables and its events. Today that is the
//! index that the catalogue is searched by; the history of what readers were told, of which the
//! last thirty days can be built again; and what is sold, with the figures of reports.
//!
//! Every value goes to the server as a parameter, never as a part of a statement.

mod answer;
mod archive;
mod ask;
mod connect;
mod cover;
mod events;
mod facts;
mod history;
mod metrics;
mod migrate;
mod recount;
mod reports;
mod sales;
mod search;
mod together;
mod words;
mod write;

pub use connect::{AnalyticsDb, InvalidUrl};
pub use migrate::{MigrateError, Migrated};
