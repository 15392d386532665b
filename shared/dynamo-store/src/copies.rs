//! What other services have of profiles.

use domain::ports::{KeepCopies, ListCopies, SaveError, StoreError};
use domain::{CustomerId, DestinationName, ProfileCopy};
use jiff::Timestamp;

use crate::accounts::{read, saved};
use crate::answer::broken;
use crate::item::ItemError;
use crate::item::copy::{decode, encode};
use crate::key::{Key, copies_of, time_key};
use crate::query::{Entry, Part, Query};
use crate::schema::COPIES;
use crate::table::{Accounts, Table};

impl KeepCopies for Table<Accounts> {
    async fn copy_of(
        &self,
        destination: &DestinationName,
        owner: &CustomerId,
    ) -> Result<ProfileCopy, StoreError> {
        let key = Key::Copy(destination.clone(), owner.clone());
        let stored = read(self.get(&key).await?, decode)?;
        Ok(stored.unwrap_or_else(|| ProfileCopy::none(destination.clone(), owner.clone())))
    }

    async fn save_copy(
        &self,
        mut copy: ProfileCopy,
    ) -> Result<ProfileCopy, SaveError<ProfileCopy>> {
        let image = encode(&copy).map_err(|error| broken(&error))?;
        let put = self.put(image, copy.version).await;
        copy.version = copy.version.saturating_add(1);
        saved(put, copy, decode)
    }
}

impl ListCopies for Table<Accounts> {
    async fn copies_due(
        &self,
        destination: &DestinationName,
        before: Timestamp,
        limit: u16,
    ) -> Result<Vec<CustomerId>, StoreError> {
        let part = Part::Before(time_key(before));
        let entries = self
            .entries(behind(destination, part), limit.into())
            .await?;
        let owners = entries.iter().map(owner_of);
        let owners: Result<_, ItemError> = owners.collect();
        owners.map_err(|error| broken(&error))
    }

    async fn behind(&self, destination: &DestinationName, most: u32) -> Result<u32, StoreError> {
        let limit = usize::try_from(most).unwrap_or(usize::MAX);
        let entries = self
            .entries(behind(destination, Part::Whole), limit)
            .await?;
        Ok(u32::try_from(entries.len()).unwrap_or(most))
    }
}

fn behind(destination: &DestinationName, part: Part) -> Query {
    Query {
        index: COPIES,
        partition: copies_of(destination),
        part,
        newest_first: false,
        limit: PAGE,
        after: None,
    }
}

/// Entries of a page; a page of keys is a few kilobytes.
const PAGE: i32 = 250;

fn owner_of(entry: &Entry) -> Result<CustomerId, ItemError> {
    match Key::parse(&entry.pk).map_err(ItemError::of("pk"))? {
        Key::Copy(_, owner) => Ok(owner),
        _ => Err(ItemError::of("pk")("the key is of no copy")),
    }
}
