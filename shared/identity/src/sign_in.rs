//! Signing in with a password.

use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::http::Secret;
use domain::ports::{Cause, KeepAccounts, KeepSessions, SaveError, StoreError};
use domain::{Account, CustomerId, Email, Session, SessionId, SessionLimits, TenantId};
use jiff::Timestamp;
use thiserror::Error;
use uuid::Uuid;

use crate::HashPasswords;

/// Who says that they are whom.
#[derive(Clone, Debug)]
pub struct Credentials<'a> {
    /// Whose shop.
    pub tenant: &'a TenantId,
    /// Of which account.
    pub email: &'a Email,
    /// In clear.
    pub password: &'a Secret,
    /// Whether only those are let in whose address was shown to be theirs.
    pub verified_only: bool,
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub account: Account,
    /// By which session.
    pub session: Session,
}

/// Why nobody was signed in.
#[derive(Debug, Error)]
pub enum SignInError {
    /// No such account, a wrong password, or an account that may not sign in. To whoever tries all
    /// of them are the same.
    #[error("address and password do not fit")]
    Refused {
        /// Of which account, where there is one: for the audit log, never for whoever tries.
        account: Option<CustomerId>,
    },
    /// The password is right, and the address was not shown to be theirs.
    #[error("the address is not verified")]
    Unverified,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EdgeError for SignInError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Refused { .. } | Self::Unverified => ErrorName::BadInput,
            Self::Store(error) => error.name(),
        }
    }
}

/// Begins a session. Two reads and one hash, whether there is an account or not.
///
/// # Errors
/// [`SignInError`].
pub async fn sign_in<S: KeepAccounts + KeepSessions>(
    store: &S,
    passwords: &impl HashPasswords,
    who: Credentials<'_>,
    session_id: Uuid,
    now: Timestamp,
) -> Result<SignedIn, SignInError> {
    let owner = store.owner_of(who.tenant, who.email).await?;
    // Nobody has a random id.
    let id = owner
        .clone()
        .unwrap_or_else(|| CustomerId::from(session_id));
    let account = store.account(&id).await?;
    let kept = account.as_ref().map(|account| &account.password);
    let kept = kept.unwrap_or(passwords.nobody());
    let fits = passwords.verify(kept, &who.password.0);
    let account = account
        .filter(|account| fits && account.tenant == *who.tenant && account.is_active())
        .ok_or(SignInError::Refused { account: owner })?;
    if who.verified_only && !account.verified {
        return Err(SignInError::Unverified);
    }
    let limits = SessionLimits::default();
    let session = Session::begin(SessionId(session_id), &account, &limits, now);
    let saved = store.save_session(session).await;
    let session = saved.map_err(|error| match error {
        SaveError::Store(error) => error,
        SaveError::Conflict(_) => StoreError::Broken(Cause("a random id was taken".to_owned())),
    })?;
    Ok(SignedIn { account, session })
}
