//! Tests over all aggregates, and what the tests of single modules share.

mod cells;
mod lives;
pub(crate) mod samples;
mod two_orders;

pub(crate) use cells::{Cells, cells, differences, executed};
