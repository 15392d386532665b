//! What CloudWatch has counted, read by two of its calls over its JSON protocol.

mod read;

pub use aws_calls::ConnectError;
pub use read::{CloudWatch, Series, Window};

#[cfg(test)]
mod tests;
