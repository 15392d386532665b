//! Tells other services of the profiles that they are behind with, each at its pace.
//!
//! | | |
//! |---|---|
//! | trigger | every minute |
//! | reads, writes | the accounts table: accounts, and what each service has of them; breakers in the operations table |
//! | emits | profiles, to the services |
//! | fails with | Unavailable, when a list cannot be had; the next minute tries again |
//! | safe to repeat because | a row that is behind stays due until it is not, and the version is the key at the services |
//!
//! A service that is down costs a look a minute, and a call every ten.

use breaker::{Share, Time};
use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use domain::DestinationName;
use domain::ports::{
    KeepAccounts, KeepCopies, KeepDestinations, ListCopies, SendProfile, StoreError,
};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use lambda_boot::{ConfigError, Env};
use profile_sync::{CaughtUp, Destination, Destinations, SyncError, catch_up, state_of};
use tracing::warn;

/// Nothing is begun later than so many seconds after the beginning: a call takes eight at most, and
/// may be repeated once, and the function has 55.
const BEGIN_WITHIN: i64 = 30;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The accounts table.
    pub accounts: String,
    /// The operations table, with the breakers.
    pub operations: String,
    /// The services.
    pub destinations: Destinations,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let accounts = read.text("ACCOUNTS_TABLE");
        let operations = read.text("OPERATIONS_TABLE");
        let destinations = read.parsed("PROFILE_DESTINATIONS");
        read.finish(|| {
            Some(Self {
                accounts: accounts?,
                operations: operations?,
                destinations: destinations?,
            })
        })
    }
}

/// What the function needs of the rows.
pub trait Copies: KeepCopies + ListCopies + KeepDestinations {}
impl<S: KeepCopies + ListCopies + KeepDestinations> Copies for S {}

/// Why not all was done.
#[derive(Debug, thiserror::Error)]
pub enum CatchUpError {
    /// How the services stand could not be noted.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Some services could not be looked after.
    #[error("{0} services could not be looked after")]
    Incomplete(usize),
}

impl EdgeError for CatchUpError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Store(error) => error.name(),
            Self::Incomplete(_) => ErrorName::Unavailable,
        }
    }
}

/// Tells each service what is due, and notes how they stand. One that cannot be looked after stops
/// no other.
///
/// # Errors
/// [`CatchUpError`].
pub async fn handle<S: Share, P: SendProfile>(
    accounts: &impl KeepAccounts,
    copies: &impl Copies,
    destinations: &[Destination<S, P>],
    time: &impl Time,
) -> Result<CaughtUp, CatchUpError> {
    let until = time
        .now()
        .checked_add(SignedDuration::from_secs(BEGIN_WITHIN));
    let until = until.unwrap_or(Timestamp::MAX);
    let each = destinations.iter().map(async |destination| {
        let run = catch_up(copies, accounts, destination, time, until).await?;
        let state = state_of(copies, destination, time.now()).await?;
        Ok((run, state))
    });
    let (mut sum, mut states) = (CaughtUp::default(), Vec::new());
    for (destination, run) in destinations.iter().zip(join_all(each).await) {
        let known = run.map_err(|error| unknown(destination.name(), &error));
        let Ok((run, state)) = known else { continue };
        sum = sum.and(run);
        states.push(state);
    }
    let failed = destinations.len() - states.len();
    if failed > 0 {
        // As they stood when they were last looked at.
        let mut before = copies.destinations().await?;
        before.retain(|state| states.iter().all(|known| known.name != state.name));
        states.append(&mut before);
    }
    copies.save_destinations(&states).await?;
    match failed {
        0 => Ok(sum),
        failed => Err(CatchUpError::Incomplete(failed)),
    }
}

fn unknown(destination: &DestinationName, error: &SyncError) {
    let error = error as &dyn std::error::Error;
    warn!(%destination, error, "it is not known what it is behind with");
}

#[cfg(test)]
mod tests;
