//! The jobs of the functions that know what is kept about a person.

use audit::KeepChains;
use contracts::events::account_changed;
use domain::Sequence;
use domain::ports::{Inbox, KeepContacts, Save};
use http_edge::Role;
use reqwest::Method;
use serde_json::json;
use testkit::build::{a_payment, a_shipment, an_account, an_order, at, customer};
use testkit::{must, must_have};
use tests::emulator::shop::{SOON, Shop};
use tests::emulator::wait::until;

use super::groups::{a_group, join};
use super::http::{expect_counted, registration};
use super::{Rounds, expect_status, takes_in};
use crate::policy::each_is_needed;

/// Somebody who runs the shop makes a key.
async fn make_key(shop: &Shop, maker: &str) -> Result<(), String> {
    let mut claims = shop.claims(maker);
    claims.roles = vec![Role::Admin];
    let key = json!({"name": maker, "roles": ["customer"]});
    let request = shop.request(Method::POST, "/api-keys").json(&key);
    let made = shop.ask(request.bearer_auth(shop.sign(&claims))).await;
    expect_status(&made, 201)
}

/// Somebody with an order that has ended and that everybody heard of, so that they were told of it, a
/// contact and a key.
async fn somebody(shop: &Shop, person: &str) -> Result<(), String> {
    let id = shop.cart(&[]).id();
    let order = an_order().with_id(id).by(customer(person)).confirmed();
    let (last, tables) = (order.events.last_sequence(), &shop.tables);
    must(tables.payments.save(a_payment().of(id).captured()).await);
    must(tables.shipping.save(a_shipment().of(id).delivered()).await);
    must(tables.orders.save(order).await);
    let object = format!("order/{id}");
    let heard = || async {
        let entry = must(tables.audit.place_of(&format!("{object}/{last}")).await);
        let applied = must(tables.realtime.taken(&object).await).applied;
        (entry.is_some() && applied > Sequence::NONE).then_some(())
    };
    until("everybody to hear of the order", SOON, heard).await;
    let email = "a@example.test".to_owned();
    must(
        tables
            .realtime
            .put_contact(id, &domain::Contact { email })
            .await,
    );
    let group = a_group(shop).await;
    join(shop, person, group).await;
    make_key(shop, person).await
}

#[tokio::test]
async fn erase_person_needs_its_role() {
    let shop = Shop::alone("role-erase").await;
    let rounds = Rounds::default();
    each_is_needed(&shop.stack, "erase-person", async || {
        let person = rounds.name(&format!("person-{}-", shop.name()));
        somebody(&shop, &person).await?;
        let mut account = an_account(&person);
        must_have(account.erase(at(0)));
        takes_in(&shop, "erase-person", &[account_changed(&account)]).await
    })
    .await;
}

#[tokio::test]
async fn privacy_api_needs_its_role() {
    let shop = Shop::alone("role-privacy").await;
    shop.sell("tea", 100, 100).await;
    must(make_key(&shop, shop.name()).await);
    let rounds = Rounds::default();
    each_is_needed(&shop.stack, "privacy-api", async || {
        let email = format!("{}@{}.test", rounds.name("a"), shop.name());
        let registered = shop.send("/users", &registration(&email)).await;
        expect_status(&registered, 201)?;
        let user = registered.json()["user_id"].clone();
        let user = user.as_str().unwrap_or_default();
        let cart = shop.cart(&[("tea", 1)]).by(user);
        shop.place(&cart).await;
        shop.end_of(&cart, SOON).await;
        let export = format!("/users/{user}/export");
        expect_counted(async || shop.get(user, &export).await, 200).await?;
        let erase = shop.request(Method::POST, &format!("/users/{user}/erase"));
        let erase = erase.json(&json!({"password": "correct horse battery"}));
        let erased = shop.ask(erase.bearer_auth(shop.token(user))).await;
        expect_status(&erased, 202)
    })
    .await;
}
