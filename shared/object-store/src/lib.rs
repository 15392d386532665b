//! S3, as far as it is needed: a few calls, signed and sent by what is in every program already.
//! Amazon's own client would be another 4 MB of code for them.

mod anchors;
mod archive;
mod bucket;
mod jobs;

pub use anchors::AnchorBucket;
pub use archive::ArchiveBucket;
pub use aws_calls::ConnectError;
pub use https::Roots;
pub use jobs::JobBucket;

#[cfg(test)]
mod tests;
