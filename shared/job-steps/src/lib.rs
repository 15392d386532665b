//! What jobs do, a step at a time: sheets over years, old months into the archive, the index of the search and the
//! figures of reports anew. A step may be done twice, by whoever had the job and by whoever has it now.

mod archive;
mod export;
mod parts;
mod recount;
mod report;
mod search;
mod step;
mod workshop;

pub use step::{Did, StepError, Work};
pub use workshop::Workshop;

#[cfg(test)]
mod tests;
