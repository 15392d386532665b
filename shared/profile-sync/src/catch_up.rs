//! All that a service is behind with, at its pace.

use breaker::{Share, Time};
use domain::ports::{KeepAccounts, KeepCopies, ListCopies, SendProfile};
use domain::{CustomerId, DestinationState};
use futures::{StreamExt, stream};
use jiff::Timestamp;
use serde::Serialize;
use tracing::warn;

use crate::tell::{Outcome, tell};
use crate::{Destination, SyncError};

/// Calls of one service at once.
const AT_ONCE: usize = 8;
/// Calls one by one before that: as long as it is not known whether the service is back.
const ONE_BY_ONE: usize = 2;

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CaughtUp {
    /// Profiles told.
    pub told: u32,
    /// Profiles that were not taken, or whose row could not be written.
    pub failed: u32,
    /// Profiles that wait because the service is in trouble, or because the time was over.
    pub waiting: u32,
}

impl CaughtUp {
    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            told: self.told + other.told,
            failed: self.failed + other.failed,
            waiting: self.waiting + other.waiting,
        }
    }

    fn note(&mut self, outcome: Result<Outcome, SyncError>) {
        match outcome {
            Ok(Outcome::Told) => self.told += 1,
            Ok(Outcome::Failed) => self.failed += 1,
            Ok(Outcome::NotCalled) => self.waiting += 1,
            Err(error) => {
                self.failed += 1;
                let error = &error as &dyn std::error::Error;
                warn!(error, "a profile could not be told");
            }
        }
    }
}

/// Tells the service what is due, as much as it takes in a minute, and nothing after `until`. A
/// service that is in trouble costs one look.
///
/// # Errors
/// [`SyncError`] where the list cannot be had.
pub async fn catch_up<S: Share, P: SendProfile>(
    copies: &(impl KeepCopies + ListCopies),
    accounts: &impl KeepAccounts,
    destination: &Destination<S, P>,
    time: &impl Time,
    until: Timestamp,
) -> Result<CaughtUp, SyncError> {
    let mut run = CaughtUp::default();
    let now = time.now();
    if destination.is_shut(now).await {
        return Ok(run);
    }
    let limit = destination.per_minute();
    let mut due = copies.copies_due(destination.name(), now, limit).await?;
    let rest = due.split_off(due.len().min(ONE_BY_ONE));
    let one = async |owner: CustomerId| match time.now() < until {
        true => tell(copies, accounts, destination, &owner, time).await,
        false => Ok(Outcome::NotCalled),
    };
    for owner in due {
        run.note(one(owner).await);
    }
    let mut rest = stream::iter(rest).map(&one).buffer_unordered(AT_ONCE);
    while let Some(outcome) = rest.next().await {
        run.note(outcome);
    }
    Ok(run)
}

/// How the service stands now.
///
/// # Errors
/// [`SyncError`].
pub async fn state_of<S: Share, P: SendProfile>(
    copies: &impl ListCopies,
    destination: &Destination<S, P>,
    now: Timestamp,
) -> Result<DestinationState, SyncError> {
    let name = destination.name();
    Ok(DestinationState {
        name: name.clone(),
        behind: copies.behind(name, DestinationState::MOST).await?,
        failing_since: destination.open_since().await,
        per_minute: destination.per_minute(),
        as_of: now,
    })
}
