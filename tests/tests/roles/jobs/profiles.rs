//! `sync-profile` and `catch-up-profiles`: an account that services are told of, and one that a
//! service has lost.

use std::time::Duration;

use contracts::events::account_changed;
use domain::ports::{KeepAccounts, KeepCopies};
use domain::{Account, DestinationName};
use dynamo_store::AccountsTable;
use jiff::SignedDuration;
use profile_sync::want_again;
use serde_json::json;
use testkit::build::an_account;
use testkit::must;
use tests::emulator::aws::invoke;
use tests::emulator::shop::{Shop, now};
use tests::emulator::wait::until;

use super::{Rounds, done, takes_in};
use crate::policy::each_is_needed;

/// Until the services were told by the event.
const SOON: Duration = Duration::from_secs(60);

pub(super) fn accounts(shop: &Shop) -> AccountsTable {
    AccountsTable::connect(&shop.stack.aws, shop.stack.get("ACCOUNTS_TABLE"))
}

fn crm() -> DestinationName {
    must(DestinationName::parse("crm"))
}

async fn registered(shop: &Shop, name: &str) -> Account {
    must(accounts(shop).register(an_account(name)).await)
}

async fn is_told(shop: &Shop, account: &Account) -> bool {
    let copy = must(accounts(shop).copy_of(&crm(), &account.id).await);
    copy.version > 0 && copy.is_in_sync()
}

#[tokio::test]
async fn sync_profile_needs_its_role() {
    let shop = Shop::alone("role-sync").await;
    let rounds = Rounds::default();
    each_is_needed(&shop.stack, "sync-profile", async || {
        let account = registered(&shop, &rounds.name(shop.name())).await;
        takes_in(&shop, "sync-profile", &[account_changed(&account)]).await
    })
    .await;
}

#[tokio::test]
async fn catch_up_profiles_needs_its_role() {
    let shop = Shop::alone("role-catch-up").await;
    let account = registered(&shop, shop.name()).await;
    let look = async || is_told(&shop, &account).await.then_some(());
    until("the event tells it", SOON, look).await;
    each_is_needed(&shop.stack, "catch-up-profiles", async || {
        let before = now() - SignedDuration::from_mins(2);
        let (owner, version) = (&account.id, account.sequence());
        must(want_again(&accounts(&shop), &crm(), owner, version, before).await);
        done(invoke(&shop.stack, "catch-up-profiles", &json!({})).await)?;
        match is_told(&shop, &account).await {
            true => Ok(()),
            false => Err("it was not told".to_owned()),
        }
    })
    .await;
}
