//! The job of the function of groups; and groups for the jobs of others.

use domain::ports::{ForgetNotifications, KeepGroups, KeepMembers};
use domain::{Group, GroupId};
use http_edge::Role;
use http_edge::token::Claims;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::build::{customer, tenant};
use testkit::{must, must_have};
use tests::emulator::shop::{Answer, Shop, now, stamp};
use uuid::Uuid;

use super::http::{expect_counted, looks_for_keys_at, registration};
use super::{Rounds, expect_status};
use crate::policy::each_is_needed;

/// A group of the shop.
pub(super) async fn a_group(shop: &Shop) -> GroupId {
    let bits = must(u128::try_from(now().as_nanosecond()));
    let group = Group {
        id: GroupId(Uuid::from_u128(bits)),
        tenant: tenant(),
        name: shop.name().to_owned(),
        created_at: now(),
        ended_at: None,
    };
    must(shop.tables.accounts.create_group(&group).await);
    group.id
}

pub(super) async fn join(shop: &Shop, person: &str, group: GroupId) {
    let person = (tenant(), customer(person));
    let joined = shop
        .tables
        .accounts
        .add_member((&person.0, &person.1), group, now());
    assert!(must(joined.await));
}

/// As somebody who runs the shop, and of whom nothing is in hand.
async fn ask(
    shop: &Shop,
    rounds: &Rounds,
    request: (Method, &str),
    body: Option<&Value>,
) -> Answer {
    let mut claims = shop.claims(&rounds.name(&format!("admin-{}-", shop.name())));
    claims.roles = vec![Role::Admin];
    let asked = shop
        .request(request.0, request.1)
        .bearer_auth(shop.sign(&claims));
    let asked = asked.header("idempotency-key", stamp());
    let asked = match body {
        Some(body) => asked.json(body),
        None => asked,
    };
    shop.ask(asked).await
}

#[tokio::test]
async fn groups_api_needs_its_role() {
    let shop = Shop::alone("role-groups").await;
    let rounds = Rounds::default();
    each_is_needed(&shop.stack, "groups-api", async || {
        let email = format!("{}@{}.test", rounds.name("a"), shop.name());
        let user = shop.send("/users", &registration(&email)).await;
        expect_status(&user, 201)?;
        let user = must_have(user.json()["user_id"].as_str()).to_owned();
        let groups = (Method::POST, "/admin/groups");
        let made = ask(&shop, &rounds, groups, Some(&json!({"name": "tea"}))).await;
        expect_status(&made, 201)?;
        let group = must_have(made.json()["group_id"].as_str()).to_owned();
        let path = format!("/admin/groups/{group}");
        let member = format!("{path}/members/{user}");
        let joined = ask(&shop, &rounds, (Method::PUT, member.as_str()), None).await;
        expect_status(&joined, 204)?;
        let list = async || ask(&shop, &rounds, (Method::GET, "/admin/groups"), None).await;
        expect_counted(list, 200).await?;
        let say = format!("{path}/notifications");
        let hello = json!({"title": "t", "message": "m"});
        let said = ask(&shop, &rounds, (Method::POST, say.as_str()), Some(&hello)).await;
        expect_status(&said, 201)?;
        let ended = ask(&shop, &rounds, (Method::DELETE, path.as_str()), None).await;
        expect_status(&ended, 204)?;
        // Its list is closed, so that nothing is said, and the key is given back.
        let closed = a_group(&shop).await;
        let (tenant, reader) = (tenant(), closed.reader());
        must(
            shop.tables
                .realtime
                .forget_notifications((&tenant, &reader))
                .await,
        );
        let say = format!("/admin/groups/{closed}/notifications");
        let key = stamp();
        let claims = Claims {
            roles: vec![Role::Admin],
            ..shop.claims(&rounds.name(&format!("admin-{}-", shop.name())))
        };
        for title in ["t", "another"] {
            let say = shop
                .request(Method::POST, &say)
                .bearer_auth(shop.sign(&claims));
            let say = say.header("idempotency-key", &key);
            let said = say.json(&json!({"title": title, "message": "m"}));
            expect_status(&shop.ask(said).await, 404)?;
        }
        looks_for_keys_at(&shop, Method::GET, "/groups").await
    })
    .await;
}
