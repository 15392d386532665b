//! The job of the function that tells subscribers of a new course.

use domain::ports::{KeepAccounts, KeepSubscribers, ListSubscribers};
use tell_subscribers::PAGE;
use testkit::build::{a_course, an_account, customer, tenant};
use testkit::{must, must_have};
use tests::emulator::shop::Shop;

use super::profiles::accounts;
use super::{Rounds, takes_in};
use crate::policy::each_is_needed;

/// More subscribers than a page has, so that it sends the next one; somebody on it has an address.
async fn subscribers(shop: &Shop) {
    let (tenant, realtime) = (tenant(), &shop.tables.realtime);
    for number in 0..=PAGE {
        let name = customer(&format!("{}-{number}", shop.name()));
        must(realtime.subscribe((&tenant, &name)).await);
    }
    let page = must(realtime.subscribers(&tenant, None, PAGE).await);
    let mut own = page.items.iter();
    let first = own.find(|it| it.as_str().starts_with(shop.name()));
    let mut account = an_account(must_have(first).as_str());
    account.verified = true;
    must(accounts(shop).register(account).await);
}

#[tokio::test]
async fn tell_subscribers_needs_its_role() {
    let shop = Shop::alone("role-subscribers").await;
    subscribers(&shop).await;
    let rounds = Rounds::default();
    each_is_needed(&shop.stack, "tell-subscribers", async || {
        let named = a_course(&format!("{}-{}", shop.name(), rounds.name("c")), 0);
        let course = domain::Course {
            version: 1,
            ..named
        };
        let event = contracts::events::course_event(&course);
        takes_in(&shop, "tell-subscribers", &[event]).await
    })
    .await;
}
