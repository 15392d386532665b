//! The job of the function that tells subscribers of a new course.

use domain::CustomerId;
use domain::ports::{KeepAccounts, KeepSubscribers};
use testkit::{must, must_have};
use tests::emulator::shop::Shop;

use super::http::registration;
use super::profiles::accounts;
use super::{Rounds, expect_status, takes_in};
use crate::policy::each_is_needed;

/// A page is full, so that it sends the next one. Of those who are told one has an address.
#[tokio::test]
async fn tell_subscribers_needs_its_role() {
    let shop = Shop::alone("role-subscribers").await;
    let email = format!("first@{}.test", shop.name());
    let registered = shop.send("/users", &registration(&email)).await;
    must(expect_status(&registered, 201));
    let user = must_have(registered.json()["user_id"].as_str()).to_owned();
    let id = must(CustomerId::parse(&user));
    let accounts = accounts(&shop);
    let mut account = must_have(must(accounts.account(&id).await));
    account.verified = true;
    must(accounts.save_account(account).await);
    let tenant = testkit::build::tenant();
    let realtime = &shop.tables.realtime;
    must(realtime.subscribe((&tenant, &id)).await);
    for number in 0..tell_subscribers::PAGE {
        let other = testkit::build::customer(&format!("{}-{number}", shop.name()));
        must(realtime.subscribe((&tenant, &other)).await);
    }
    let rounds = Rounds::default();
    each_is_needed(&shop.stack, "tell-subscribers", async || {
        let named = testkit::build::a_course(&format!("{}-{}", shop.name(), rounds.name("c")), 0);
        let course = domain::Course {
            version: 1,
            ..named
        };
        let event = contracts::events::course_event(&course);
        takes_in(&shop, "tell-subscribers", &[event]).await
    })
    .await;
}
