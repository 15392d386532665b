//! Does heavy work that somebody asked for, a step at a time.
//!
//! | | |
//! |---|---|
//! | trigger | queue of wishes to look, from `jobs-api` and every minute; two at a time, so that jobs leave room for everything else |
//! | reads, writes | the operations table: jobs that are due; PostgreSQL: figures, months of events, the index of the search; the catalogue table; the buckets of files and of the archive |
//! | emits | – |
//! | fails with | Unavailable, Internal, when it could not be noted what was done; the message goes back to the queue |
//! | safe to repeat because | a job is held by one at a time, each step may be done twice, and who holds it no more writes nothing |
//!
//! How a step failed is in the job's row, and in the log. Whoever is ended in the middle of a step loses the
//! job when its time is over: the next one goes on at its cursor.

mod config;
mod run;

pub use config::Config;
pub use run::{Round, handle};

#[cfg(test)]
mod tests;
