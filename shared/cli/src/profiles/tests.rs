//! A service that was added, and one that lost what it had.

use domain::ports::KeepAccounts;
use testkit::build::{an_account, at};
use testkit::fakes::{FakeAccounts, FakeCopies};

use super::*;

async fn noted(accounts: &FakeAccounts, copies: &FakeCopies, again: bool) -> Noted {
    let destination = DestinationName::parse("crm").unwrap();
    let sync = Sync { destination, again };
    let mut progress = Vec::new();
    let noted = sync
        .note((accounts, copies), at(0), &mut progress)
        .await
        .unwrap();
    assert!(
        String::from_utf8(progress)
            .unwrap()
            .ends_with(" profiles\n")
    );
    noted
}

#[tokio::test]
async fn a_service_that_was_added_is_told_of_all_once() {
    let (accounts, copies) = (FakeAccounts::default(), FakeCopies::default());
    for number in 0..5 {
        accounts
            .register(an_account(&format!("user{number}")))
            .await
            .unwrap();
    }
    let all = Noted {
        accounts: 5,
        to_be_told: 5,
    };
    assert_eq!(noted(&accounts, &copies, false).await, all);
    assert_eq!(
        noted(&accounts, &copies, false).await,
        all,
        "nobody told it meanwhile"
    );
    let crm = DestinationName::parse("crm").unwrap();
    let id = CustomerId::parse("user3").unwrap();
    let mut copy = copies.copy_of(&crm, &id).await.unwrap();
    copy.told(copy.wanted, at(1));
    copies.save_copy(copy).await.unwrap();
    assert_eq!(noted(&accounts, &copies, false).await.to_be_told, 4);
    assert_eq!(noted(&accounts, &copies, true).await.to_be_told, 5);
    assert_eq!(all.to_string(), "5 profiles, 5 of them are to be told");
}

#[tokio::test]
async fn a_service_that_was_added_does_not_hear_of_who_was_erased_before() {
    let (accounts, copies) = (FakeAccounts::default(), FakeCopies::default());
    let mut gone = accounts.register(an_account("gil")).await.unwrap();
    let freed = gone.erase(at(1)).unwrap();
    let gone = accounts.save_erased(gone, &freed).await.unwrap();
    assert_eq!(noted(&accounts, &copies, false).await.to_be_told, 0);
    // One that had it must delete it.
    let crm = DestinationName::parse("crm").unwrap();
    want(&copies, &crm, &gone.id, Sequence(1), at(0))
        .await
        .unwrap();
    assert_eq!(noted(&accounts, &copies, false).await.to_be_told, 1);
}
