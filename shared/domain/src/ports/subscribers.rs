//! Who wants to hear of new courses.

use std::future::Future;

use super::{Listed, Reader, StoreError};
use crate::{CustomerId, TenantId};

/// Keeps who wants to hear of new courses.
pub trait KeepSubscribers {
    /// They want to; and again.
    fn subscribe(&self, reader: Reader<'_>) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// They do not, or no longer; and again.
    fn unsubscribe(
        &self,
        reader: Reader<'_>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Whether they want to.
    fn is_subscribed(
        &self,
        reader: Reader<'_>,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Goes through all who want to hear of new courses.
pub trait ListSubscribers {
    /// Up to `limit` of a shop, after a place that an earlier page told. Whoever wants to all the time
    /// is on one page, in whatever way others come and go meanwhile.
    fn subscribers(
        &self,
        shop: &TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Listed<CustomerId>, StoreError>> + Send;
}
