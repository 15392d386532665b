//! What other services have of profiles.

use std::collections::HashMap;

use domain::ports::{
    AccountPage, KeepCopies, KeepDestinations, ListAccounts, ListCopies, SaveError, StoreError,
};
use domain::{AccountState, CustomerId, DestinationName, DestinationState, ProfileCopy};
use jiff::Timestamp;

use crate::accounts::{read, saved};
use crate::answer::{broken, classify};
use crate::item::account;
use crate::item::copy::{decode, decode_destinations, encode, encode_destinations};
use crate::item::{Image, ItemError};
use crate::key::{Key, copies_of, time_key};
use crate::query::{Entry, Part, Query};
use crate::schema::{COPIES, ENTITY, PK};
use crate::table::{Accounts, CAPACITY, Table, text};

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

impl KeepDestinations for Table<Accounts> {
    async fn destinations(&self) -> Result<Vec<DestinationState>, StoreError> {
        let stored = self.get(&Key::Destinations).await?;
        Ok(read(stored, decode_destinations)?.unwrap_or_default())
    }

    async fn save_destinations(&self, states: &[DestinationState]) -> Result<(), StoreError> {
        let image = encode_destinations(states).map_err(|error| broken(&error))?;
        self.replace(image).await
    }
}

impl ListAccounts for Table<Accounts> {
    async fn all_accounts(&self, from: Option<&str>) -> Result<AccountPage, StoreError> {
        let start = from.map(|pk| HashMap::from([(PK.to_owned(), text(pk))]));
        let answer = self
            .client
            .scan()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .consistent_read(true)
            .filter_expression("#entity = :account AND begins_with(#pk, :user)")
            .expression_attribute_names("#entity", ENTITY)
            .expression_attribute_names("#pk", PK)
            .expression_attribute_values(":account", text(account::ENTITY))
            .expression_attribute_values(":user", text("USER#"))
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(classify)?;
        let last = answer.last_evaluated_key.unwrap_or_default();
        let next = last.get(PK).and_then(|pk| pk.as_s().ok()).cloned();
        let images = answer.items.unwrap_or_default().into_iter();
        let accounts = images.map(|image| {
            let account = account::decode(Image::from(image))?;
            let is_erased = account.state == AccountState::Erased;
            Ok((account.id.clone(), account.sequence(), is_erased))
        });
        let accounts: Result<_, ItemError> = accounts.collect();
        Ok(AccountPage {
            accounts: accounts.map_err(|error| broken(&error))?,
            next,
        })
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
