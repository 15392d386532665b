//! Codes that are texted to a number of which it is not known yet whose it is.

use domain::Sending;
use domain::ports::{KeepAccounts, KeepSendings, Reader, StoreError};
use identity::PhoneCodes;
use jiff::Timestamp;

use crate::{TellError, rows};

/// Makes codes, as long as the account wants them.
#[derive(Debug)]
pub struct Codes<A> {
    accounts: A,
    keys: PhoneCodes,
}

impl<A: KeepAccounts> Codes<A> {
    /// Codes for these accounts.
    pub const fn new(accounts: A, keys: PhoneCodes) -> Self {
        Self { accounts, keys }
    }

    /// Where a code goes, and what it is now; nothing where none is wanted any more.
    pub(crate) async fn code_of(
        &self,
        sending: &Sending,
        number: u64,
        now: Timestamp,
    ) -> Result<Option<(String, String)>, StoreError> {
        let account = self.accounts.account(&sending.reader).await?;
        let account = account.filter(|account| account.tenant == sending.tenant);
        let to = account
            .as_ref()
            .and_then(|it| it.texts_phone_code(number, now));
        let made = |to: &str| self.keys.make(&sending.reader, (number, to), now);
        Ok(to.map(|to| (to.to_owned(), made(to))))
    }
}

/// Notes that a code is to be texted, because of the event that asked for it; again, nothing happens.
///
/// # Errors
/// [`TellError::Store`]; note it again.
pub async fn note_phone_code(
    store: &impl KeepSendings,
    reader: Reader<'_>,
    (event, number): (String, u64),
    at: Timestamp,
) -> Result<(), TellError> {
    rows::note(store, Sending::of_phone_code(event, reader, number, at)).await
}
