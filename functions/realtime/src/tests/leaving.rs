//! Somebody who loses what lets them hear while they subscribe.

use std::sync::atomic::{AtomicBool, Ordering};

use domain::ports::{
    Cause, GroupOf, MoveAccountError, ReadGroups, Reader, RegisterError, SaveError,
};
use domain::{Account, Email, Group, GroupId, Role};
use testkit::build::{a_socket, an_account};

use super::*;

/// Everybody is taken out of groups, and out of the staff, when somebody has looked.
#[derive(Debug, Default)]
pub(super) struct Leaving {
    has_looked: AtomicBool,
    /// The second look fails.
    fails: bool,
    accounts: FakeAccounts,
}

impl Leaving {
    pub(super) fn then_failing() -> Self {
        Self {
            fails: true,
            ..Self::default()
        }
    }

    fn is_still_in(&self) -> Result<bool, StoreError> {
        match self.has_looked.swap(true, Ordering::Relaxed) {
            true if self.fails => Err(StoreError::Unavailable(Cause("away".to_owned()))),
            has_looked => Ok(!has_looked),
        }
    }
}

impl ReadGroups for Leaving {
    async fn group(&self, _: GroupOf<'_>) -> Result<Option<Group>, StoreError> {
        Ok(None)
    }

    async fn groups_of(&self, _: Reader<'_>) -> Result<Vec<Group>, StoreError> {
        Ok(Vec::new())
    }

    async fn group_ids_of(&self, _: Reader<'_>) -> Result<Vec<GroupId>, StoreError> {
        Ok(Vec::new())
    }

    async fn is_member(&self, _: Reader<'_>, _: GroupId) -> Result<bool, StoreError> {
        self.is_still_in()
    }
}

impl KeepAccounts for Leaving {
    async fn account(&self, _: &CustomerId) -> Result<Option<Account>, StoreError> {
        let mut account = an_account("alice");
        account.roles = match self.is_still_in()? {
            true => vec![Role::Admin],
            false => vec![Role::Support],
        };
        Ok(Some(account))
    }

    async fn register(&self, account: Account) -> Result<Account, RegisterError> {
        self.accounts.register(account).await
    }

    async fn owner_of(
        &self,
        tenant: &TenantId,
        email: &Email,
    ) -> Result<Option<CustomerId>, StoreError> {
        self.accounts.owner_of(tenant, email).await
    }

    async fn save_account(&self, account: Account) -> Result<Account, SaveError<Account>> {
        self.accounts.save_account(account).await
    }

    async fn save_moved(
        &self,
        account: Account,
        from: &Email,
    ) -> Result<Account, MoveAccountError> {
        self.accounts.save_moved(account, from).await
    }

    async fn save_erased(
        &self,
        account: Account,
        freed: &Email,
    ) -> Result<Account, SaveError<Account>> {
        self.accounts.save_erased(account, freed).await
    }
}

/// Why a client is refused, of whom nothing is in the row then.
pub(super) async fn subscribe_while(accounts: Leaving, topic: &Topic) -> Refused {
    let world = World::new();
    let App {
        lists,
        gateway,
        cursors,
        clock,
        limits,
        ..
    } = world.app;
    let app = App {
        accounts,
        lists,
        gateway,
        cursors,
        clock,
        limits,
    };
    let (tenant, reader) = alice();
    let client = Client {
        tenant,
        reader,
        socket: a_socket(1),
        ran_the_shop: true,
    };
    let name = match topic {
        Topic::Group(_, group) => group.list(),
        _ => "dashboard".to_owned(),
    };
    let refused = topics::subscribe(&app, &client, (vec![name], None)).await;
    assert_eq!(world.lists.sockets_of(topic).await.unwrap(), []);
    refused.unwrap_err()
}
