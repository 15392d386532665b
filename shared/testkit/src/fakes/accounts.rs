//! Accounts, sessions and API keys.

mod groups;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use domain::ports::{
    AccountPage, KeepAccounts, KeepApiKeys, KeepDestinations, KeepSessions, ListAccounts,
    LookUpApiKey, MoveAccountError, NoteAuthor, RegisterError, SaveError, StoreError,
};
use domain::{
    Account, AccountState, ApiKey, ApiKeyId, Author, CustomerId, DestinationState, Email, Session,
    SessionId, TenantId,
};

use self::groups::Groups;
use super::unavailable;
use crate::lock;

/// The accounts table.
#[derive(Clone, Debug, Default)]
pub struct FakeAccounts(Arc<Mutex<Inner>>, Option<Author>);

#[derive(Debug, Default)]
struct Inner {
    accounts: BTreeMap<CustomerId, Account>,
    owners: BTreeMap<(TenantId, String), CustomerId>,
    sessions: BTreeMap<SessionId, Session>,
    keys: BTreeMap<ApiKeyId, ApiKey>,
    destinations: Vec<DestinationState>,
    groups: Groups,
    authors: Vec<Option<Author>>,
    calls: usize,
    failing: bool,
}

impl Inner {
    fn called(&mut self) -> Result<(), StoreError> {
        self.calls += 1;
        if self.failing {
            return Err(unavailable());
        }
        Ok(())
    }

    fn save_account(
        &mut self,
        mut account: Account,
        author: Option<Author>,
    ) -> Result<Account, SaveError<Account>> {
        self.called()?;
        let stored = self.accounts.get(&account.id);
        let expected = account.version;
        account.version += 1;
        if stored == Some(&account) {
            return Ok(account);
        }
        if stored.map_or(0, |stored| stored.version) != expected {
            return Err(SaveError::Conflict(stored.cloned().map(Box::new)));
        }
        self.accounts.insert(account.id.clone(), account.clone());
        self.authors.push(author);
        Ok(account)
    }
}

impl FakeAccounts {
    /// How often the store was called.
    pub fn calls(&self) -> usize {
        lock(&self.0).calls
    }

    /// Lets every call find the store unavailable from now on, or no longer.
    pub fn fail(&self, failing: bool) {
        lock(&self.0).failing = failing;
    }

    /// Who made each write, oldest first.
    pub fn authors(&self) -> Vec<Option<Author>> {
        lock(&self.0).authors.clone()
    }

    /// All sessions.
    pub fn sessions(&self) -> Vec<Session> {
        lock(&self.0).sessions.values().cloned().collect()
    }

    /// All accounts.
    pub fn accounts(&self) -> Vec<Account> {
        lock(&self.0).accounts.values().cloned().collect()
    }
}

impl NoteAuthor for FakeAccounts {
    fn by(&self, author: &Author) -> Self {
        Self(self.0.clone(), Some(author.clone()))
    }
}

impl KeepAccounts for FakeAccounts {
    async fn register(&self, mut account: Account) -> Result<Account, RegisterError> {
        let mut inner = lock(&self.0);
        inner.called()?;
        let address = (account.tenant.clone(), account.email.folded());
        if inner.owners.contains_key(&address) {
            return Err(RegisterError::EmailTaken);
        }
        account.version = 1;
        inner.authors.push(self.1.clone());
        inner.owners.insert(address, account.id.clone());
        inner.accounts.insert(account.id.clone(), account.clone());
        Ok(account)
    }

    async fn account(&self, id: &CustomerId) -> Result<Option<Account>, StoreError> {
        let mut inner = lock(&self.0);
        inner.called()?;
        Ok(inner.accounts.get(id).cloned())
    }

    async fn owner_of(
        &self,
        tenant: &TenantId,
        email: &Email,
    ) -> Result<Option<CustomerId>, StoreError> {
        let mut inner = lock(&self.0);
        inner.called()?;
        let address = (tenant.clone(), email.folded());
        Ok(inner.owners.get(&address).cloned())
    }

    async fn save_account(&self, account: Account) -> Result<Account, SaveError<Account>> {
        lock(&self.0).save_account(account, self.1.clone())
    }

    async fn save_moved(
        &self,
        account: Account,
        from: &Email,
    ) -> Result<Account, MoveAccountError> {
        let address = |email: &Email| (account.tenant.clone(), email.folded());
        let (old, new) = (address(from), address(&account.email));
        let mut inner = lock(&self.0);
        let before = inner.accounts.get(&account.id).cloned();
        let is_stale = before.is_none_or(|before| before.version != account.version);
        if !is_stale && inner.owners.contains_key(&new) {
            inner.called()?;
            return Err(MoveAccountError::EmailTaken);
        }
        let id = account.id.clone();
        let saved = inner.save_account(account, self.1.clone())?;
        if !is_stale {
            assert_eq!(inner.owners.remove(&old), Some(id.clone()), "whose address");
            inner.owners.insert(new, id);
        }
        Ok(saved)
    }

    async fn save_erased(
        &self,
        account: Account,
        freed: &Email,
    ) -> Result<Account, SaveError<Account>> {
        let address = (account.tenant.clone(), freed.folded());
        let id = account.id.clone();
        let saved = self.save_account(account).await?;
        let mut inner = lock(&self.0);
        assert_eq!(inner.owners.remove(&address), Some(id), "whose address");
        Ok(saved)
    }
}

impl KeepSessions for FakeAccounts {
    async fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let mut inner = lock(&self.0);
        inner.called()?;
        Ok(inner.sessions.get(&id).cloned())
    }

    async fn save_session(&self, mut session: Session) -> Result<Session, SaveError<Session>> {
        let mut inner = lock(&self.0);
        inner.called()?;
        let stored = inner.sessions.get(&session.id);
        let expected = session.version;
        session.version += 1;
        if stored == Some(&session) {
            return Ok(session);
        }
        if stored.map_or(0, |stored| stored.version) != expected {
            return Err(SaveError::Conflict(stored.cloned().map(Box::new)));
        }
        inner.sessions.insert(session.id, session.clone());
        inner.authors.push(self.1.clone());
        Ok(session)
    }
}

impl LookUpApiKey for FakeAccounts {
    async fn api_key(&self, id: ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
        let mut inner = lock(&self.0);
        inner.called()?;
        Ok(inner.keys.get(&id).cloned())
    }
}

impl KeepApiKeys for FakeAccounts {
    async fn save_api_key(&self, mut key: ApiKey) -> Result<ApiKey, SaveError<ApiKey>> {
        let mut inner = lock(&self.0);
        inner.called()?;
        let stored = inner.keys.get(&key.id);
        let expected = key.version;
        key.version += 1;
        if stored == Some(&key) {
            return Ok(key);
        }
        if stored.map_or(0, |stored| stored.version) != expected {
            return Err(SaveError::Conflict(stored.cloned().map(Box::new)));
        }
        inner.keys.insert(key.id, key.clone());
        inner.authors.push(self.1.clone());
        Ok(key)
    }

    async fn api_keys(&self, tenant: &TenantId) -> Result<Vec<ApiKey>, StoreError> {
        let mut inner = lock(&self.0);
        inner.called()?;
        let live = |key: &&ApiKey| key.tenant == *tenant && key.revoked_at.is_none();
        let mut found: Vec<ApiKey> = inner.keys.values().filter(live).cloned().collect();
        found.sort_by_key(|key| std::cmp::Reverse((key.created_at, key.id)));
        found.truncate(ApiKey::MOST);
        Ok(found)
    }
}

impl KeepDestinations for FakeAccounts {
    async fn destinations(&self) -> Result<Vec<DestinationState>, StoreError> {
        let mut inner = lock(&self.0);
        inner.called()?;
        Ok(inner.destinations.clone())
    }

    async fn save_destinations(&self, states: &[DestinationState]) -> Result<(), StoreError> {
        let mut inner = lock(&self.0);
        inner.called()?;
        inner.destinations = states.to_vec();
        Ok(())
    }
}

impl ListAccounts for FakeAccounts {
    /// One by one.
    async fn all_accounts(&self, from: Option<&str>) -> Result<AccountPage, StoreError> {
        let mut inner = lock(&self.0);
        inner.called()?;
        let after = |id: &&CustomerId| from.is_none_or(|from| id.as_str() > from);
        let id = inner.accounts.keys().find(after);
        let account = id.and_then(|id| inner.accounts.get(id));
        let listed = |account: &Account| {
            let is_erased = account.state == AccountState::Erased;
            (account.id.clone(), account.sequence(), is_erased)
        };
        Ok(AccountPage {
            accounts: account.map(listed).into_iter().collect(),
            next: id.map(|id| id.to_string()),
        })
    }
}
