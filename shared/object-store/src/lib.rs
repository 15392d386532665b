//! S3, as far as it is needed: a few calls, signed and sent by what is in every program already.
//! Amazon's own client would be another 4 MB of code for them.

mod anchors;
mod bucket;
mod files;

pub use anchors::AnchorBucket;
pub use aws_calls::ConnectError;
pub use files::FileBucket;
pub use https::Roots;

#[cfg(test)]
mod tests;
