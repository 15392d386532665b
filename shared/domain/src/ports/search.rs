//! Search.

use std::future::Future;

use super::{Listed, StoreError};
use crate::{EntryId, SearchEntry, SearchQuery, TenantId};

/// Keeps the index up with the catalogue.
pub trait IndexCatalogue {
    /// Takes a state of an entry in, if it is newer than what the index has of it.
    fn index(&self, entry: &SearchEntry) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Searches the catalogue.
pub trait SearchCatalogue {
    /// One page of what is on sale and fits, best first. Lags behind the catalogue.
    fn search(
        &self,
        query: &SearchQuery,
    ) -> impl Future<Output = Result<Listed<SearchEntry>, StoreError>> + Send;
}

/// Brings the index back to what the catalogue says, while events go on coming in.
pub trait RebuildIndex {
    /// Takes a state in unless the index has a newer one: also the one that it has, made anew.
    fn rewrite(&self, entry: &SearchEntry) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// The next entries of a shop that can be found, by id, with their versions; from the first one,
    /// or after one. None at the end.
    fn indexed(
        &self,
        tenant: &TenantId,
        after: Option<&EntryId>,
    ) -> impl Future<Output = Result<Vec<(EntryId, u64)>, StoreError>> + Send;
    /// Lets an entry be found no more, if it is still at this version. The version stays, so that
    /// only something newer brings it back.
    fn forget(
        &self,
        tenant: &TenantId,
        id: &EntryId,
        version: u64,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
