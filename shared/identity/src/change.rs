//! Changes of an account that do not depend on what somebody saw of it.

use domain::ports::{Cause, KeepAccounts, SaveError, StoreError};
use domain::{Account, CustomerId};

/// How often a change is made anew after somebody else was faster.
const MAX_ROUNDS: u32 = 8;

/// Changes the account as it is now: nothing where there is none, or where the change answers
/// `false`. A change that changes nothing is not stored.
///
/// # Errors
/// [`StoreError`].
pub async fn change(
    store: &impl KeepAccounts,
    id: &CustomerId,
    change: impl Fn(&mut Account) -> bool,
) -> Result<Option<Account>, StoreError> {
    for _ in 0..MAX_ROUNDS {
        let Some(mut account) = store.account(id).await? else {
            return Ok(None);
        };
        let before = account.clone();
        if !change(&mut account) {
            return Ok(None);
        }
        if account == before {
            return Ok(Some(account));
        }
        match store.save_account(account).await {
            Ok(saved) => return Ok(Some(saved)),
            Err(SaveError::Conflict(_)) => {}
            Err(SaveError::Store(error)) => return Err(error),
        }
    }
    let cause = Cause(format!("changed by others {MAX_ROUNDS} times"));
    Err(StoreError::Unavailable(cause))
}
