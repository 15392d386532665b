//! The full history of what readers were told. It lags behind the lists, and what is in it stays when
//! it has left them.

use std::future::Future;

use super::{Reader, StoreError};
use crate::{CustomerId, Notification, TenantId};

/// Something that the history hears of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The shop.
    pub tenant: TenantId,
    /// Whose list it is.
    pub reader: CustomerId,
    /// What happened.
    pub news: ListNews,
}

/// What happens to a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListNews {
    /// A notification is in it, as it is now.
    Told(Notification),
    /// It was closed for good.
    Closed,
}

/// Adds to the history. What comes twice, late or in another order changes nothing.
pub trait KeepHistory {
    /// Takes in what happened to a list.
    fn hear(&self, heard: &Heard) -> impl Future<Output = Result<(), StoreError>> + Send
    where
        Self: Sync,
    {
        async {
            let reader = (&heard.tenant, &heard.reader);
            match &heard.news {
                ListNews::Told(notification) => self.remember(reader, notification).await,
                ListNews::Closed => self.close_history(reader).await,
            }
        }
    }

    /// Keeps a notification, and that it was read, if it was. Nothing where the reader's history is
    /// closed.
    fn remember(
        &self,
        reader: Reader<'_>,
        notification: &Notification,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Removes all of a reader's history and takes nothing more into it; and again.
    fn close_history(
        &self,
        reader: Reader<'_>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Reads the history, and marks what was read of it.
pub trait ReadHistory {
    /// Those of up to a hundred numbers from one on that the history has, in order.
    fn remembered(
        &self,
        reader: Reader<'_>,
        from: u64,
        count: usize,
    ) -> impl Future<Output = Result<Vec<Notification>, StoreError>> + Send;

    /// Marks up to a hundred as read, also what the history has not got yet. Marks are never taken
    /// back. Nothing where the reader's history is closed.
    fn mark_remembered(
        &self,
        reader: Reader<'_>,
        numbers: &[u64],
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// A page of what all lists have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListsPage {
    /// What the history is to have of them.
    pub heard: Vec<Heard>,
    /// How many items could not be read.
    pub unreadable: usize,
    /// Where the next page begins; there is none after the last.
    pub next: Option<String>,
}

/// Goes through all lists: for whoever keeps the shop in order, and for no function.
pub trait WalkLists {
    /// The page from a place on, in no order. What comes in meanwhile may be missing.
    fn all_lists(
        &self,
        from: Option<&str>,
    ) -> impl Future<Output = Result<ListsPage, StoreError>> + Send;
}
