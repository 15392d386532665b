//! Where events go: the topic, first in, first out per aggregate, and the queue of one consumer. And
//! texts by SNS.

mod batch;
mod failure;
mod queue;
mod text;
mod topic;

pub use aws_calls::ConnectError;
pub use batch::fitting;
pub use https::Roots;
pub use queue::{Letters, Queue};
pub use text::SnsTexts;
pub use topic::Topic;
