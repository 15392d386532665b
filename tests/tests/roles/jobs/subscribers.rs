//! The job of the function that tells subscribers of a new course.

use domain::ports::{KeepAccounts, KeepSubscribers, ListSubscribers};
use tell_subscribers::PAGE;
use testkit::build::{a_course, an_account, customer, tenant};
use testkit::{must, must_have};
use tests::emulator::shop::Shop;

use super::profiles::accounts;
use super::{Rounds, mail_is_sent, takes_in};
use crate::policy::each_is_needed;

/// More subscribers than a page has, so that it sends the next one; the id of one on it who has an address.
async fn subscribers(shop: &Shop) -> String {
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
    must(accounts(shop).register(account).await).id.to_string()
}

#[tokio::test]
async fn tell_subscribers_needs_its_role() {
    let shop = Shop::alone("role-subscribers").await;
    let reader = subscribers(&shop).await;
    let rounds = Rounds::default();
    each_is_needed(&shop.stack, "tell-subscribers", async || {
        let named = a_course(&format!("{}-{}", shop.name(), rounds.name("c")), 0);
        let course = domain::Course {
            version: 1,
            ..named
        };
        let event = contracts::events::course_event(&course);
        let message = format!("{}@{reader}", event.id);
        takes_in(&shop, "tell-subscribers", &[event]).await?;
        mail_is_sent(&shop.tables.realtime, &message).await
    })
    .await;
}
