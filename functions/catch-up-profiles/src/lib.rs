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
use domain::ports::{KeepAccounts, KeepCopies, ListCopies, SendProfile};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use lambda_boot::{ConfigError, Env};
use profile_sync::{CaughtUp, Destination, Destinations, catch_up};
use tracing::warn;

/// Nothing is begun later than so many seconds after the beginning: a call takes eight at most, and
/// the function has 55.
const BEGIN_WITHIN: i64 = 40;

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

/// Why a service was not caught up with.
#[derive(Debug, thiserror::Error)]
#[error("{0} services could not be looked after")]
pub struct Incomplete(usize);

impl EdgeError for Incomplete {
    fn name(&self) -> ErrorName {
        ErrorName::Unavailable
    }
}

/// Tells each service what is due. One that cannot be looked after stops no other.
///
/// # Errors
/// [`Incomplete`].
pub async fn handle<S: Share, P: SendProfile>(
    accounts: &impl KeepAccounts,
    copies: &(impl KeepCopies + ListCopies),
    destinations: &[Destination<S, P>],
    time: &impl Time,
) -> Result<CaughtUp, Incomplete> {
    let until = time
        .now()
        .checked_add(SignedDuration::from_secs(BEGIN_WITHIN));
    let until = until.unwrap_or(Timestamp::MAX);
    let each = destinations
        .iter()
        .map(|destination| catch_up(copies, accounts, destination, time, until));
    let (mut sum, mut failed) = (CaughtUp::default(), 0);
    for (destination, run) in destinations.iter().zip(join_all(each).await) {
        match run {
            Ok(run) => sum = sum.and(run),
            Err(error) => {
                failed += 1;
                let (name, error) = (destination.name(), &error as &dyn std::error::Error);
                warn!(destination = %name, error, "it is not known what it is behind with");
            }
        }
    }
    match failed {
        0 => Ok(sum),
        failed => Err(Incomplete(failed)),
    }
}

#[cfg(test)]
mod tests;
