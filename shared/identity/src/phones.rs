//! Asking for the code that shows that a telephone number is somebody's, using it, and how it stands.

use contracts::http::{PhoneConfirmationBody, Secret};
use domain::ports::{KeepAccounts, ReadSendings, StoreError};
use domain::{Account, AskedCode, Channel, CodeRefused, CustomerId, NoCode};
use jiff::Timestamp;
use uuid::Uuid;

use crate::PhoneCodes;
use crate::change::decide;

/// Asks for a code, unless one was asked for just now. Its text is sent by rows: nobody waits for a
/// gateway here. Of who was erased meanwhile there is no number.
///
/// # Errors
/// [`StoreError`].
pub async fn ask_phone_code(
    store: &impl KeepAccounts,
    id: &CustomerId,
    now: Timestamp,
) -> Result<Result<Account, NoCode>, StoreError> {
    let asked = decide(store, id, |account| Some(account.ask_phone_code(now)));
    Ok(asked.await?.map_or(Err(NoCode::NoNumber), as_decided))
}

/// Takes a code. Each try is stored, on the version that was read, before it is answered: tries that
/// are sent at once are counted one by one. Of who was erased meanwhile nothing was asked for.
///
/// # Errors
/// [`StoreError`].
pub async fn confirm_phone(
    store: &impl KeepAccounts,
    codes: &PhoneCodes,
    (id, code): (&CustomerId, &Secret),
    (this_try, now): (Uuid, Timestamp),
) -> Result<Result<Account, CodeRefused>, StoreError> {
    let tried = decide(store, id, |account| {
        let fits =
            |asked: &AskedCode, phone: &str| codes.fits(id, (asked.number, phone), &code.0, now);
        Some(account.confirm_phone(fits, (this_try, now)))
    });
    Ok(tried.await?.map_or(Err(CodeRefused::NotAsked), as_decided))
}

fn as_decided<T, E>((account, decided): (Account, Result<T, E>)) -> Result<Account, E> {
    decided.map(|_| account)
}

/// How the confirmation of a number stands, with what became of the text.
///
/// # Errors
/// [`StoreError`].
pub async fn phone_standing(
    texts: &impl ReadSendings,
    account: &Account,
    now: Timestamp,
) -> Result<PhoneConfirmationBody, StoreError> {
    let asked = account.phone.asked();
    let text = match asked.map(|asked| asked.message(&account.id)) {
        Some(message) => texts.sendings(Channel::Sms, &[message]).await?.pop(),
        None => None,
    };
    Ok(PhoneConfirmationBody::of(account, text.as_ref(), now))
}
