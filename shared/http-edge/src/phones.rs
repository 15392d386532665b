//! Refusals about the code that confirms a telephone number, and whose account it is.

use axum::http::StatusCode;
use domain::ports::KeepAccounts;
use domain::{Account, CodeRefused, CustomerId, NoCode};

use crate::{Caller, Problem};

impl Problem {
    /// No code is texted: 409, or 429 with the time to come again.
    pub fn no_code(error: NoCode) -> Self {
        let conflict = |slug, title| Self::new(StatusCode::CONFLICT, slug, title);
        let detail = error.to_string();
        match error {
            NoCode::NoNumber => conflict("no-phone", "No telephone number").detail(detail),
            NoCode::Confirmed => conflict("phone-confirmed", "Number confirmed").detail(detail),
            NoCode::TooOften { wait } => {
                let whole = wait.as_secs().unsigned_abs();
                Self::too_many(detail, whole.saturating_add(1))
            }
        }
    }

    /// A code shows nothing: 422, with the reason.
    pub fn code_refused(error: CodeRefused) -> Self {
        let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
        Self::new(unprocessable, "code-refused", "Code refused").detail(error.to_string())
    }
}

impl Caller {
    /// The account that a path names, where it is theirs. Any other is not there, nor what was erased.
    ///
    /// # Errors
    /// 404; those of the store.
    pub async fn own_account(
        &self,
        accounts: &impl KeepAccounts,
        id: &str,
    ) -> Result<Account, Problem> {
        let id = CustomerId::parse(id).map_err(|_| Problem::not_found())?;
        let found = accounts.account(&id).await?;
        let found = found.filter(|account| !account.is_erased());
        let theirs = found.filter(|account| self.may_have(&account.tenant, &account.id));
        theirs.ok_or_else(Problem::not_found)
    }
}
