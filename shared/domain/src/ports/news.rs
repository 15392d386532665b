//! What third parties told.

use std::future::Future;

use jiff::Timestamp;

use super::StoreError;
use crate::NewsId;

/// Remembers which news were taken in, so that each is once.
pub trait RememberNews {
    /// Whether the news with this id were taken in.
    fn is_known(&self, id: &NewsId) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Notes that they were, at least until a time. Noted before is success.
    fn note(
        &self,
        id: &NewsId,
        until: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
