//! Keeps what other services have of profiles up to date, for as long as it takes.
//!
//! There is a row per service and profile with the version that is wanted and the version that the
//! service is known to have. A change raises what is wanted; whoever tells the service reads the
//! account anew, so that the newest version goes out and what lies between does not. A row that is
//! behind has a next try, always; queues only say that there is something to do.

mod catch_up;
mod destination;
mod settings;
mod tell;

use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use domain::ports::StoreError;
use thiserror::Error;

pub use catch_up::{CaughtUp, catch_up, state_of};
pub use destination::{Destination, TERMS};
pub use settings::{DestinationSettings, Destinations, InvalidDestinations};
pub use tell::{Outcome, tell, want, want_again};

/// Why a row was not changed.
#[derive(Debug, Error)]
pub enum SyncError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Others changed it each time.
    #[error("others changed it each time")]
    Contended,
    /// A row is of nobody.
    #[error("there is no such account")]
    NoAccount,
}

impl EdgeError for SyncError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Store(error) => error.name(),
            Self::Contended => ErrorName::Conflict,
            Self::NoAccount => ErrorName::Internal,
        }
    }
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
