//! `cartwright profiles`.

use std::fmt;
use std::io::{self, Write};

use clap::{Args, Subcommand};
use domain::ports::{KeepCopies, ListAccounts, StoreError};
use domain::{CustomerId, DestinationName, Sequence};
use dynamo_store::AccountsTable;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use profile_sync::{SyncError, want};
use serde::Serialize;
use thiserror::Error;

use crate::aws::sdk_config;
use crate::failure::{Ending, Failure};
use crate::output::Output;
use crate::settings::Settings;

#[cfg(test)]
mod tests;

/// Rows written at a time.
const AT_ONCE: usize = 20;

/// Look after the copies that other services have of profiles.
#[derive(Debug, Subcommand)]
pub(crate) enum Profiles {
    Sync(Sync),
}

/// Have a service told of all profiles: one that was added, or that lost what it had been told.
///
/// Notes what it must have; it is told within minutes, at its pace, and a profile that it has
/// already is not sent again. Safe to repeat, and beside live traffic.
#[derive(Debug, Args)]
pub(crate) struct Sync {
    /// What the service is called in the deployment.
    #[arg(long, value_name = "NAME")]
    destination: DestinationName,
    /// Send what it was told before too: it has lost it.
    #[arg(long)]
    again: bool,
}

/// Why not all of it is noted.
#[derive(Debug, Error)]
pub(crate) enum ProfilesError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Sync(#[from] SyncError),
    #[error(transparent)]
    Progress(#[from] io::Error),
}

#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Noted {
    accounts: u64,
    to_be_told: u64,
}

impl fmt::Display for Noted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            accounts,
            to_be_told,
        } = self;
        write!(
            f,
            "{accounts} profiles, {to_be_told} of them are to be told"
        )
    }
}

impl Profiles {
    pub(crate) async fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        let Self::Sync(sync) = self;
        let table = settings.one("ACCOUNTS_TABLE")?;
        let accounts = AccountsTable::connect(&sdk_config(settings).await, table);
        let noted = sync
            .note((&accounts, &accounts), crate::now(), &mut io::stderr())
            .await?;
        output.say(&noted)?;
        Ok(Ending::Done)
    }
}

impl Sync {
    async fn note(
        &self,
        (accounts, copies): (&impl ListAccounts, &impl KeepCopies),
        now: Timestamp,
        progress: &mut impl Write,
    ) -> Result<Noted, ProfilesError> {
        let (mut noted, mut from) = (Noted::default(), None);
        loop {
            let page = accounts.all_accounts(from.as_deref()).await?;
            let each = stream::iter(page.accounts).map(|(owner, version, is_erased)| async move {
                match is_erased && !self.has(copies, &owner).await? {
                    true => Ok(false),
                    false => self.one(copies, &owner, version, now).await,
                }
            });
            let told: Vec<bool> = each.buffer_unordered(AT_ONCE).try_collect().await?;
            noted.accounts += told.len() as u64;
            noted.to_be_told += told.iter().filter(|told| **told).count() as u64;
            write!(progress, "\r{} profiles", noted.accounts)?;
            match page.next {
                Some(next) => from = Some(next),
                None => break,
            }
        }
        writeln!(progress)?;
        Ok(noted)
    }

    /// Whether the service was ever told of the profile: who was erased before is none of its
    /// business.
    async fn has(&self, copies: &impl KeepCopies, owner: &CustomerId) -> Result<bool, SyncError> {
        let copy = copies.copy_of(&self.destination, owner).await?;
        Ok(copy.version > 0)
    }

    async fn one(
        &self,
        copies: &impl KeepCopies,
        owner: &CustomerId,
        version: Sequence,
        now: Timestamp,
    ) -> Result<bool, SyncError> {
        match self.again {
            true => profile_sync::want_again(copies, &self.destination, owner, version, now).await,
            false => want(copies, &self.destination, owner, version, now).await,
        }
    }
}
