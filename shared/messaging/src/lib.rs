//! The topic that events are published to: SNS, first in, first out per aggregate.

mod batch;
mod failure;
mod topic;

pub use topic::Topic;
