//! Staying signed in, and signing out.

use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use domain::ports::{Cause, KeepAccounts, KeepSessions, SaveError, StoreError};
use domain::{
    Account, CustomerId, Generation, Session, SessionId, SessionLimits, SessionRejection,
};
use jiff::Timestamp;
use thiserror::Error;

/// How often a change is made anew after somebody else was faster.
const MAX_ROUNDS: u32 = 8;

/// A session that goes on.
#[derive(Clone, Debug)]
pub struct Refreshed {
    /// Who is signed in, as they are now.
    pub account: Account,
    /// Which token of the session is live now.
    pub live: Generation,
}

/// Why a session does not go on.
#[derive(Debug, Error)]
pub enum RefreshError {
    /// There is no such session, or it is not its live token. To its bearer all of them are the
    /// same; [`SessionRejection::Reused`] is worth a warning.
    #[error("the session does not go on")]
    Refused(#[source] SessionRejection),
    /// The store failed. The token is as good as before.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EdgeError for RefreshError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Refused(_) => ErrorName::BadInput,
            Self::Store(error) => error.name(),
        }
    }
}

/// Takes a token for the next one: two reads and, unless it is repeated within its grace, one
/// conditional write. A token that was replaced before ends the session.
///
/// # Errors
/// [`RefreshError`].
pub async fn refresh<S: KeepAccounts + KeepSessions>(
    store: &S,
    (id, token): (SessionId, Generation),
    limits: &SessionLimits,
    now: Timestamp,
) -> Result<Refreshed, RefreshError> {
    let refused = RefreshError::Refused;
    let found = store.session(id).await?;
    let session = found.ok_or(refused(SessionRejection::Unknown))?;
    let account = store.account(&session.account).await?;
    let account = account
        .filter(|account| account.admits(session.epoch))
        .ok_or(refused(SessionRejection::Ended))?;
    let presented = change(store, session, |session| {
        session.present(token, limits, now)
    });
    let presented = presented.await?.ok_or(refused(SessionRejection::Unknown))?;
    let live = presented.map_err(refused)?;
    Ok(Refreshed { account, live })
}

/// Ends a session, whichever of its tokens is live. One that is not there has ended.
///
/// # Errors
/// [`StoreError`].
pub async fn sign_out(
    store: &impl KeepSessions,
    id: SessionId,
    now: Timestamp,
) -> Result<(), StoreError> {
    if let Some(session) = store.session(id).await? {
        change(store, session, |session| session.sign_out(now)).await?;
    }
    Ok(())
}

/// Whether somebody is still signed in: in this session, or, where a token is of none, at all. Who
/// has no account, such as the bearer of a token that the shop minted itself, is.
///
/// # Errors
/// [`StoreError`].
pub async fn is_signed_in<S: KeepAccounts + KeepSessions>(
    store: &S,
    who: &CustomerId,
    session: Option<SessionId>,
) -> Result<bool, StoreError> {
    let account = store.account(who).await?;
    let Some(id) = session else {
        return Ok(account.is_none_or(|account| account.is_active()));
    };
    let session = store.session(id).await?;
    let session = session.filter(|it| it.account == *who && it.ended.is_none());
    let both = account.zip(session);
    Ok(both.is_some_and(|(account, session)| account.admits(session.epoch)))
}

/// Changes a session from what was read, and anew from what somebody else stored meanwhile; nothing
/// where it is gone. What changes nothing is not stored.
async fn change<T>(
    store: &impl KeepSessions,
    mut session: Session,
    change: impl Fn(&mut Session) -> T,
) -> Result<Option<T>, StoreError> {
    for _ in 0..MAX_ROUNDS {
        let before = session.clone();
        let answer = change(&mut session);
        if session == before {
            return Ok(Some(answer));
        }
        session = match store.save_session(session).await {
            Ok(_) => return Ok(Some(answer)),
            Err(SaveError::Conflict(Some(stored))) => *stored,
            Err(SaveError::Conflict(None)) => return Ok(None),
            Err(SaveError::Store(error)) => return Err(error),
        };
    }
    let cause = Cause(format!("changed by others {MAX_ROUNDS} times"));
    Err(StoreError::Unavailable(cause))
}
