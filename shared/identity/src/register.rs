//! A new account.

use contracts::http::ParsedRegistration;
use domain::ports::{KeepAccounts, RegisterError};
use domain::{Account, CustomerId, Registration, Role, TenantId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::HashPasswords;

/// Registers somebody with these roles. That an address is taken is told.
///
/// # Errors
/// [`RegisterError`].
pub async fn register(
    accounts: &impl KeepAccounts,
    passwords: &impl HashPasswords,
    (tenant, asked, roles): (TenantId, ParsedRegistration, Vec<Role>),
    new_id: impl Fn() -> Uuid,
    now: Timestamp,
) -> Result<Account, RegisterError> {
    let registration = Registration {
        id: CustomerId::from(new_id()),
        tenant,
        email: asked.email,
        name: asked.name,
        password: passwords.hash(&asked.password.0, new_id())?,
        roles,
    };
    accounts
        .register(Account::register(registration, now))
        .await
}
