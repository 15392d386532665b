//! Tells other services of changed profiles, and notes for whom that is still to be done.
//!
//! | | |
//! |---|---|
//! | trigger | queue of events of accounts |
//! | reads, writes | the accounts table: accounts, and what each service has of them; breakers in the operations table |
//! | emits | profiles, to the services |
//! | fails with | Conflict, Unavailable, where it could not be noted; the message goes back to the queue |
//! | safe to repeat because | what is wanted only rises, and the version is the key at the services |
//!
//! A service that cannot be told stops no message: its row stays behind, and `catch-up-profiles`
//! tells it when it is back.

use breaker::{Share, Time};
use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::events::{Envelope, EventType};
use domain::ports::{KeepAccounts, KeepCopies, SendProfile};
use domain::{CustomerId, InvalidId, Sequence};
use futures::future::join_all;
use lambda_boot::{ConfigError, Env};
use profile_sync::{Destination, Destinations, SyncError, tell, want};
use tracing::warn;

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

/// Why it is not noted that a service must be told.
#[derive(Debug, thiserror::Error)]
pub enum SyncProfileError {
    /// The subject is no id of ours.
    #[error("the subject is no id")]
    Subject(#[from] InvalidId),
    /// It could not be noted.
    #[error(transparent)]
    Sync(#[from] SyncError),
}

impl EdgeError for SyncProfileError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Subject(_) => ErrorName::BadInput,
            Self::Sync(error) => error.name(),
        }
    }
}

/// Takes one event of an account in.
///
/// # Errors
/// [`SyncProfileError`]; the message goes back to the queue.
pub async fn handle<S: Share, P: SendProfile>(
    accounts: &impl KeepAccounts,
    copies: &impl KeepCopies,
    destinations: &[Destination<S, P>],
    event: Envelope,
    time: &impl Time,
) -> Result<(), SyncProfileError> {
    if !is_of_the_profile(&event) {
        return Ok(());
    }
    let owner = CustomerId::parse(&event.subject)?;
    let version = Sequence(event.sequence);
    let each = destinations.iter().map(async |destination| {
        let name = destination.name();
        if want(copies, name, &owner, version, time.now()).await? {
            let told = tell(copies, accounts, destination, &owner, time).await;
            told.map_or_else(|error| waits(&error), drop);
        }
        Ok::<_, SyncError>(())
    });
    let noted: Result<(), SyncError> = join_all(each).await.into_iter().collect();
    Ok(noted?)
}

/// It is noted that it must be told: it is due in a minute.
fn waits(error: &SyncError) {
    let error = error as &dyn std::error::Error;
    warn!(error, "what a service was told could not be noted");
}

/// Whether other services have to hear of it.
fn is_of_the_profile(event: &Envelope) -> bool {
    match EventType::parse(&event.event_type) {
        Some(
            EventType::AccountRegistered
            | EventType::AccountUpdated
            | EventType::AccountEmailChanged
            | EventType::AccountEmailVerified
            | EventType::AccountDeactivated
            | EventType::AccountActivated
            | EventType::AccountErased,
        ) => true,
        // Sessions, passwords and links are nobody else's business; other kinds do not come here.
        _ => false,
    }
}

#[cfg(test)]
mod tests;
