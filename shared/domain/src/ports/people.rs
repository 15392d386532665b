//! What is kept of a person beside their account and their orders.

use std::future::Future;

use super::{KeepContacts, StoreError};
use crate::OrderId;

/// Forgets where messages go.
pub trait ForgetContacts: KeepContacts {
    /// Nothing is known of it any more; nor before, where nothing was.
    fn forget_contact(
        &self,
        order_id: OrderId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Tells which messages were sent.
pub trait ReadDeliveries {
    /// Those of these messages, a hundred at most, of which a try is known, in the same order, each
    /// with whether it was sent. It may lag behind.
    fn deliveries(
        &self,
        messages: &[String],
    ) -> impl Future<Output = Result<Vec<(String, bool)>, StoreError>> + Send;
}
