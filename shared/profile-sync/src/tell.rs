//! One profile and one service.

use breaker::{Refused, Share, Time};
use domain::ports::{KeepAccounts, KeepCopies, ProviderError, SaveError, SendProfile};
use domain::{CustomerId, DestinationName, NotTold, ProfileCopy, Sequence};
use jiff::Timestamp;
use tracing::warn;

use crate::{Destination, SyncError};

/// So many writes of one row. Who is refused that often leaves it to the next try, which there is.
const TRIES: usize = 3;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The service has the newest version.
    Told,
    /// It could not be told; it is tried again.
    Failed,
    /// It was not called: it is in trouble, or busy. The row waits as it is.
    NotCalled,
}

/// The service must have this version of the profile at least; whether it has to be told.
///
/// # Errors
/// [`SyncError`]; then it may not be known that it is wanted.
pub async fn want(
    copies: &impl KeepCopies,
    destination: &DestinationName,
    owner: &CustomerId,
    version: Sequence,
    now: Timestamp,
) -> Result<bool, SyncError> {
    let wanted = |copy: &mut ProfileCopy| copy.want(version, now);
    let copy = change(copies, destination, owner, wanted).await?;
    Ok(!copy.is_in_sync())
}

/// The same for a service that has lost what it had: it is told this version anew.
///
/// # Errors
/// As [`want`].
pub async fn want_again(
    copies: &impl KeepCopies,
    destination: &DestinationName,
    owner: &CustomerId,
    version: Sequence,
    now: Timestamp,
) -> Result<bool, SyncError> {
    let lost = |copy: &mut ProfileCopy| {
        copy.lost();
        copy.want(version, now);
        true
    };
    let copy = change(copies, destination, owner, lost).await?;
    Ok(!copy.is_in_sync())
}

/// Tells the service the newest version of the profile and notes what came of it.
///
/// # Errors
/// [`SyncError`]; the row has its next try all the same.
pub async fn tell<S: Share, P: SendProfile>(
    copies: &impl KeepCopies,
    accounts: &impl KeepAccounts,
    destination: &Destination<S, P>,
    owner: &CustomerId,
    time: &impl Time,
) -> Result<Outcome, SyncError> {
    if destination.is_shut(time.now()).await {
        return Ok(Outcome::NotCalled);
    }
    let account = match accounts.account(owner).await {
        Ok(account) => account.ok_or(SyncError::NoAccount),
        Err(error) => Err(error.into()),
    };
    let account = match account {
        Ok(account) => account,
        Err(error) => {
            // Later, so that it does not stand before all others every time.
            let not_told = |copy: &mut ProfileCopy| {
                copy.not_told(NotTold::Unreached, time.now());
                true
            };
            change(copies, destination.name(), owner, not_told).await?;
            return Err(error);
        }
    };
    let version = account.sequence();
    let told = destination.send(&account, time).await;
    let now = time.now();
    let (outcome, why) = match told {
        Ok(_) => (Outcome::Told, None),
        Err(Refused::Shut { .. } | Refused::Busy) => return Ok(Outcome::NotCalled),
        Err(Refused::Failed(error)) => (Outcome::Failed, Some(reason(destination.name(), &error))),
    };
    let noted = |copy: &mut ProfileCopy| {
        match &why {
            None => copy.told(version, now),
            Some(why) => copy.not_told(why.clone(), now),
        }
        true
    };
    change(copies, destination.name(), owner, noted).await?;
    Ok(outcome)
}

fn reason(destination: &DestinationName, error: &ProviderError) -> NotTold {
    let cause = error as &dyn std::error::Error;
    warn!(%destination, error = cause, "the profile was not taken");
    match error {
        ProviderError::Refused(cause) => NotTold::Refused(cause.0.clone()),
        _ => NotTold::Unreached,
    }
}

/// Changes a row, again where somebody else changed it meanwhile; nothing where there is no change.
async fn change(
    copies: &impl KeepCopies,
    destination: &DestinationName,
    owner: &CustomerId,
    change: impl Fn(&mut ProfileCopy) -> bool,
) -> Result<ProfileCopy, SyncError> {
    let mut copy = copies.copy_of(destination, owner).await?;
    for _ in 0..TRIES {
        if !change(&mut copy) {
            return Ok(copy);
        }
        copy = match copies.save_copy(copy).await {
            Ok(copy) => return Ok(copy),
            Err(SaveError::Conflict(Some(stored))) => *stored,
            Err(SaveError::Conflict(None)) => copies.copy_of(destination, owner).await?,
            Err(SaveError::Store(error)) => return Err(error.into()),
        };
    }
    Err(SyncError::Contended)
}
