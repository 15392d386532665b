//! The routes, and what they work with.

use std::sync::Arc;

use domain::ports::{KeepAccounts, KeepApiKeys, NoteAuthor, ReadGroups};
use domain::{Account, CustomerId};
use http_edge::{Api, Caller, Cursors, Policy, Problem, Role};
use identity::Argon2Passwords;
use lambda_boot::Clock;

use crate::kept::ReadKept;
use crate::{erase, export};

/// Where accounts, API keys and groups are kept.
pub trait Accounts:
    KeepAccounts + KeepApiKeys + ReadGroups + NoteAuthor + Send + Sync + 'static
{
}
impl<S: KeepAccounts + KeepApiKeys + ReadGroups + NoteAuthor + Send + Sync + 'static> Accounts
    for S
{
}

/// What the routes work with.
#[derive(Debug)]
pub struct App<A, K> {
    /// Accounts and API keys.
    pub accounts: A,
    /// What is kept beside them.
    pub kept: K,
    /// Hashes.
    pub passwords: Argon2Passwords,
    /// Signs where a page ends.
    pub cursors: Cursors,
    /// The time.
    pub clock: Clock,
}

/// One's own, or anybody's for those who run the shop, by no API key.
const OWN_OR_ADMIN: Policy = Policy::OwnerInPerson(&[Role::Admin]);

/// The routes at work.
pub fn api<A: Accounts, K: ReadKept + 'static>(app: App<A, K>) -> Api {
    routes().with_state(Arc::new(app))
}

/// The routes.
pub fn routes<A: Accounts, K: ReadKept + 'static>() -> Api<Arc<App<A, K>>> {
    Api::default()
        .get(
            "/api/v1/users/{id}/export",
            OWN_OR_ADMIN,
            export::export::<A, K>,
        )
        .post(
            "/api/v1/users/{id}/erase",
            OWN_OR_ADMIN,
            erase::erase::<A, K>,
        )
}

/// The account, erased or not. What is not theirs to have is not there.
pub(crate) async fn find(
    accounts: &impl KeepAccounts,
    caller: &Caller,
    id: &str,
) -> Result<Account, Problem> {
    let id = CustomerId::parse(id).map_err(|_| Problem::not_found())?;
    let account = accounts.account(&id).await?;
    account
        .filter(|account| caller.may_have(&account.tenant, &account.id))
        .ok_or_else(Problem::not_found)
}
