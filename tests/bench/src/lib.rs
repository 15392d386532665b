//! Measures the functions as Lambda would see them: how a program starts and answers, in
//! instructions, calls and bytes first, because clocks on shared machines move.

#![expect(
    clippy::indexing_slicing,
    reason = "of JSON only: reading a place that is not there gives null"
)]

pub mod aggregator;
pub mod analytics;
pub mod backend;
pub mod budgets;
pub mod callgrind;
pub mod command;
pub mod cost;
pub mod edge;
mod error;
pub mod figures;
pub mod functions;
pub mod instance;
pub mod journey;
pub mod load;
pub mod order;
pub mod place;
pub mod runtime_api;
mod saying;
pub mod sockets;
pub mod start;
pub mod table;

pub use error::BenchError;
