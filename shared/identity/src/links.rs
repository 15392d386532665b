//! What mailed links do: verify an address, and set another password. The mail itself is sent from
//! the event that the change raises.

use contracts::InvalidBody;
use contracts::http::ConfirmReset;
use domain::ports::{KeepAccounts, SaveError, StoreError};
use domain::{Account, CustomerId, Email, LinkPurpose, PasswordHash, Registration, TenantId};
use jiff::Timestamp;
use thiserror::Error;
use uuid::Uuid;

use crate::{HashPasswords, change};

/// How often a link is asked for anew after somebody else was faster.
const MAX_ROUNDS: u32 = 4;

/// Why a link did nothing.
#[derive(Debug, Error)]
pub enum LinkError {
    /// It was used, it is too old, another one was mailed since, or its account is closed. To its
    /// bearer all of them are the same.
    #[error("the link is not good")]
    Refused,
    /// The new password cannot be one. The link is as good as before.
    #[error("the password cannot be one")]
    Password(#[source] InvalidBody),
    /// The store failed. The link is as good as before, unless the answer was lost.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is stored where nothing is: the write is refused and costs what another one costs.
fn nobody(spare: Uuid, tenant: &TenantId, email: &Email, now: Timestamp) -> Account {
    let registration = Registration {
        id: CustomerId::from(spare),
        tenant: tenant.clone(),
        email: email.clone(),
        name: String::new(),
        password: PasswordHash(String::new()),
        roles: Vec::new(),
    };
    let mut nobody = Account::register(registration, now);
    nobody.version = 1;
    nobody
}

/// Asks for a link to set another password: two reads and one write, whether there is an account
/// with the address or not. `spare` is a random id, which nobody has.
///
/// # Errors
/// [`StoreError`].
pub async fn request_reset(
    store: &impl KeepAccounts,
    (tenant, email): (&TenantId, &Email),
    spare: Uuid,
    now: Timestamp,
) -> Result<(), StoreError> {
    let owner = store.owner_of(tenant, email).await?;
    let known = owner.is_some();
    let id = owner.unwrap_or_else(|| CustomerId::from(spare));
    for _ in 0..MAX_ROUNDS {
        let found = store.account(&id).await?;
        let asked = found.and_then(|mut account| account.request_reset(now).then_some(account));
        let asked = asked.unwrap_or_else(|| nobody(spare, tenant, email, now));
        let real = asked.id == id && known;
        match store.save_account(asked).await {
            Err(SaveError::Conflict(_)) if real => {}
            Ok(_) | Err(SaveError::Conflict(_)) => return Ok(()),
            Err(SaveError::Store(error)) => return Err(error),
        }
    }
    Ok(())
}

/// Sets another password by a link, once. All sessions end.
///
/// # Errors
/// [`LinkError`].
pub async fn reset_password(
    store: &impl KeepAccounts,
    passwords: &impl HashPasswords,
    (id, number): (CustomerId, u32),
    (body, salt): (ConfirmReset, Uuid),
    now: Timestamp,
) -> Result<(), LinkError> {
    let account = store.account(&id).await?;
    let account = account
        .filter(|it| it.is_active() && it.takes(LinkPurpose::ResetPassword, number, now))
        .ok_or(LinkError::Refused)?;
    let password = body.parse(&account.email).map_err(LinkError::Password)?;
    let kept = passwords.hash(&password.0, salt)?;
    let reset = |account: &mut Account| account.reset_password(number, kept.clone(), now);
    let changed = change(store, &id, reset).await?;
    changed.map(drop).ok_or(LinkError::Refused)
}

/// Notes by a link, once, that an address is its owner's.
///
/// # Errors
/// [`LinkError`].
pub async fn verify_email(
    store: &impl KeepAccounts,
    (id, number): (CustomerId, u32),
    now: Timestamp,
) -> Result<(), LinkError> {
    let verified = change(store, &id, |account| account.verify_email(number, now));
    verified.await?.map(drop).ok_or(LinkError::Refused)
}
