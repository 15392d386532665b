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

/// What became of a message of which a try is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// A try is under way, or more are to come.
    Open,
    /// It was sent.
    Sent,
    /// It can never be sent; with the reason.
    Refused(String),
    /// Two tries have an unknown outcome: it may have been sent, and is not sent again.
    Unknown,
}

/// Tells what became of messages.
pub trait ReadDeliveries {
    /// Those of these messages, a hundred at most, of which a try is known, in the same order, each
    /// with what became of it. It may lag behind.
    fn deliveries(
        &self,
        messages: &[String],
    ) -> impl Future<Output = Result<Vec<(String, DeliveryOutcome)>, StoreError>> + Send;
}
