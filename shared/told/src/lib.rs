//! What somebody was told, as it is shown: what has left their list comes from the full history, and
//! beside each stands what became of it as a mail and as a text. And whose list somebody may read.

mod lists;
mod outcomes;
mod past;

pub use lists::{get_history, may_hear, reader_for};
pub use outcomes::{Outcomes, ReadOutcomes};
pub use past::{Past, mark_left};
