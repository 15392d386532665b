//! Accounts, sessions and API keys.

use std::future::Future;

use thiserror::Error;

use super::{SaveError, StoreError};
use crate::{Account, ApiKey, ApiKeyId, CustomerId, Email, Sequence, Session, SessionId, TenantId};

/// Why an account was not registered.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RegisterError {
    /// Another account of the shop has the address.
    #[error("the address has an account")]
    EmailTaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an account did not get another address.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum MoveAccountError {
    /// Another account of the shop has the address.
    #[error("the address has an account")]
    EmailTaken,
    /// It was not stored.
    #[error(transparent)]
    Save(#[from] SaveError<Account>),
}

impl From<StoreError> for MoveAccountError {
    fn from(error: StoreError) -> Self {
        Self::Save(error.into())
    }
}

/// Keeps accounts.
pub trait KeepAccounts {
    /// Stores a new account and takes its address, or neither.
    fn register(
        &self,
        account: Account,
    ) -> impl Future<Output = Result<Account, RegisterError>> + Send;
    /// The account, consistently.
    fn account(
        &self,
        id: &CustomerId,
    ) -> impl Future<Output = Result<Option<Account>, StoreError>> + Send;
    /// Which account of the shop has the address, however it is written.
    fn owner_of(
        &self,
        tenant: &TenantId,
        email: &Email,
    ) -> impl Future<Output = Result<Option<CustomerId>, StoreError>> + Send;
    /// Stores an account with the address that it had, if what is stored is still what it was read
    /// from.
    fn save_account(
        &self,
        account: Account,
    ) -> impl Future<Output = Result<Account, SaveError<Account>>> + Send;
    /// Stores an account with another address, as [`KeepAccounts::save_account`] does, takes that
    /// and frees the one that it had, or nothing of it.
    fn save_moved(
        &self,
        account: Account,
        from: &Email,
    ) -> impl Future<Output = Result<Account, MoveAccountError>> + Send;
    /// Stores an account that was erased, as [`KeepAccounts::save_account`] does, and frees the
    /// address that it had, or neither.
    fn save_erased(
        &self,
        account: Account,
        freed: &Email,
    ) -> impl Future<Output = Result<Account, SaveError<Account>>> + Send;
}

/// A page of accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountPage {
    /// Whose, the sequence of the last change of each, and whether they were erased.
    pub accounts: Vec<(CustomerId, Sequence, bool)>,
    /// Where the next page begins; there is none after the last.
    pub next: Option<String>,
}

/// Goes through all accounts: for whoever keeps the shop in order, and for no function.
pub trait ListAccounts {
    /// The page from a place on, in no order. What is registered meanwhile may be missing.
    fn all_accounts(
        &self,
        from: Option<&str>,
    ) -> impl Future<Output = Result<AccountPage, StoreError>> + Send;
}

/// Keeps sessions, until nothing can come of them any more.
pub trait KeepSessions {
    /// The session, consistently.
    fn session(
        &self,
        id: SessionId,
    ) -> impl Future<Output = Result<Option<Session>, StoreError>> + Send;
    /// Stores a session if what is stored is still what it was read from.
    fn save_session(
        &self,
        session: Session,
    ) -> impl Future<Output = Result<Session, SaveError<Session>>> + Send;
}

/// Finds API keys.
pub trait LookUpApiKey {
    /// The key, consistently; also one that was taken back, for as long as it is kept.
    fn api_key(
        &self,
        id: ApiKeyId,
    ) -> impl Future<Output = Result<Option<ApiKey>, StoreError>> + Send;
}

/// Keeps API keys, those that were taken back for some time only.
pub trait KeepApiKeys: LookUpApiKey {
    /// Stores a key if what is stored is still what it was read from.
    fn save_api_key(
        &self,
        key: ApiKey,
    ) -> impl Future<Output = Result<ApiKey, SaveError<ApiKey>>> + Send;
    /// The keys of a shop that were not taken back, newest first, at most [`ApiKey::MOST`]. It may
    /// lag behind.
    fn api_keys(
        &self,
        tenant: &TenantId,
    ) -> impl Future<Output = Result<Vec<ApiKey>, StoreError>> + Send;
}
