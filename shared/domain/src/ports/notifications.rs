//! Lists of notifications, by their reader.

use std::future::Future;

use thiserror::Error;

use super::StoreError;
use crate::{
    Channel, Choices, CustomerId, Notification, NotificationKind, NotificationList, Reach, TenantId,
};

/// Whose list it is.
pub type Reader<'a> = (&'a TenantId, &'a CustomerId);

/// Why a notification was not kept.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum KeepError {
    /// The list has come further, or was closed: decide anew, at once. The store has waited a moment.
    #[error("the list was changed by somebody else meanwhile")]
    Moved,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads lists, as they are now.
pub trait ReadNotifications {
    /// What is known of the list; the default where there is none.
    fn list_of(
        &self,
        reader: Reader<'_>,
    ) -> impl Future<Output = Result<NotificationList, StoreError>> + Send;

    /// Those of up to a hundred numbers from one on that are still there, in order.
    fn notifications(
        &self,
        reader: Reader<'_>,
        from: u64,
        count: usize,
    ) -> impl Future<Output = Result<Vec<Notification>, StoreError>> + Send;
}

/// Adds to lists.
pub trait KeepNotifications: ReadNotifications {
    /// Stores it under its number, which must be the next one. Where the event is in a list already,
    /// nothing is stored, and what was kept then is answered; this one under the number of then, if
    /// that has left the list.
    fn keep(
        &self,
        reader: Reader<'_>,
        notification: Notification,
    ) -> impl Future<Output = Result<Notification, KeepError>> + Send;

    /// Notes how an account is reached, as its version of this number says. What an older version
    /// says is passed over.
    fn note_reach(
        &self,
        reader: Reader<'_>,
        reach: &Reach,
        version: u32,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Marks what was read. Marks are never taken back.
pub trait MarkRead: ReadNotifications {
    /// Marks single ones. Those that are not there are passed over, and told.
    fn mark_read(
        &self,
        reader: Reader<'_>,
        numbers: &[u64],
    ) -> impl Future<Output = Result<Vec<u64>, StoreError>> + Send;

    /// Marks all up to a number; nothing happens where the list has not come so far.
    fn mark_read_up_to(
        &self,
        reader: Reader<'_>,
        number: u64,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Keeps what readers want.
pub trait KeepChoices: ReadNotifications {
    /// Notes these choices for a channel. A kind that they do not name stays as it is, so that who saves
    /// one does not take back what was switched off meanwhile.
    fn choose(
        &self,
        reader: Reader<'_>,
        channel: Channel,
        choices: &Choices,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Switches the mails of one kind off, whatever else is chosen at the same time.
    fn switch_off(
        &self,
        reader: Reader<'_>,
        kind: NotificationKind,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Forgets what somebody was told.
pub trait ForgetNotifications {
    /// Closes the list for good and removes what is in it; and again.
    fn forget_notifications(
        &self,
        reader: Reader<'_>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
