//! Changes of an account that do not depend on what somebody saw of it.

use domain::ports::{Cause, KeepAccounts, SaveError, StoreError};
use domain::{Account, CustomerId};
use jiff::Timestamp;

/// How often a change is made anew after somebody else was faster.
const MAX_ROUNDS: u32 = 8;

/// Changes the account as it is now: nothing where there is none, where it was erased, or where the
/// change answers `false`. A change that changes nothing is not stored.
///
/// # Errors
/// [`StoreError`].
pub async fn change(
    store: &impl KeepAccounts,
    id: &CustomerId,
    change: impl Fn(&mut Account) -> bool,
) -> Result<Option<Account>, StoreError> {
    let changed = decide(store, id, |account| change(account).then_some(()));
    Ok(changed.await?.map(|(account, ())| account))
}

/// The same where what was decided is to be known: nothing where the decision answers nothing.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn decide<T>(
    store: &impl KeepAccounts,
    id: &CustomerId,
    decide: impl Fn(&mut Account) -> Option<T>,
) -> Result<Option<(Account, T)>, StoreError> {
    for _ in 0..MAX_ROUNDS {
        let found = store.account(id).await?;
        let Some(mut account) = found.filter(|account| !account.is_erased()) else {
            return Ok(None);
        };
        let before = account.clone();
        let Some(decided) = decide(&mut account) else {
            return Ok(None);
        };
        if account == before {
            return Ok(Some((account, decided)));
        }
        match store.save_account(account).await {
            Ok(saved) => return Ok(Some((saved, decided))),
            Err(SaveError::Conflict(_)) => {}
            Err(SaveError::Store(error)) => return Err(error),
        }
    }
    Err(contended())
}

/// Erases the account as it is now, and frees its address. One that was erased stays as it is.
///
/// # Errors
/// [`StoreError`].
pub async fn erase(
    store: &impl KeepAccounts,
    mut account: Account,
    now: Timestamp,
) -> Result<Account, StoreError> {
    for _ in 0..MAX_ROUNDS {
        let id = account.id.clone();
        let Some(freed) = account.erase(now) else {
            return Ok(account);
        };
        match store.save_erased(account, &freed).await {
            Ok(saved) => return Ok(saved),
            Err(SaveError::Conflict(_)) => {}
            Err(SaveError::Store(error)) => return Err(error),
        }
        let gone = || StoreError::Broken(Cause("an account is never removed".to_owned()));
        account = store.account(&id).await?.ok_or_else(gone)?;
    }
    Err(contended())
}

fn contended() -> StoreError {
    let cause = Cause(format!("changed by others {MAX_ROUNDS} times"));
    StoreError::Unavailable(cause)
}
