//! The routes inside the edge, with real tokens, against stores in memory.

use axum::Router;
use domain::CustomerId;
use domain::ports::{KeepAccounts, ReadNotifications};
use http_edge::Role;
use lambda_boot::{Clock, Env};
use serde_json::{Value, json};
use testkit::build::{an_account, at, customer, tenant};
use testkit::fakes::{FakeAccounts, FakeClaims, FakeRealtime, Fault};
use testkit::http::{Answer, Ask, cursors, protect, token, token_of_shop};
use uuid::Uuid;

use super::*;

mod messages;

const GROUPS: &str = "/api/v1/admin/groups";

/// The whole function, and what it stored.
struct World {
    accounts: FakeAccounts,
    lists: FakeRealtime,
    routes: Router,
}

impl World {
    /// Alice and Bob have accounts.
    async fn new() -> Self {
        let (accounts, lists) = (FakeAccounts::default(), FakeRealtime::default());
        for name in ["alice", "bob"] {
            accounts.register(an_account(name)).await.unwrap();
        }
        Self::over(accounts, lists)
    }

    /// The same a week later: keys are forgotten.
    fn without_keys(self) -> Self {
        Self::over(self.accounts, self.lists)
    }

    fn over(accounts: FakeAccounts, lists: FakeRealtime) -> Self {
        let app = App {
            accounts: accounts.clone(),
            lists: lists.clone(),
            claims: FakeClaims::default(),
            cursors: cursors(),
            clock: Clock::fixed(at(60)),
            new_id: || Uuid::from_u128(7),
        };
        Self {
            accounts,
            lists,
            routes: protect(api(app)),
        }
    }

    async fn admin(&self, ask: Ask) -> Answer {
        ask.with_token(&token("dora", Role::Admin))
            .to(&self.routes)
            .await
    }

    async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.admin(Ask::post(path, body).with("idempotency-key", key))
            .await
    }

    /// The id of a new group.
    async fn group(&self, name: &str) -> String {
        let made = self.post(GROUPS, name, &json!({"name": name})).await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.json()["group_id"].as_str().unwrap().to_owned()
    }

    async fn join(&self, group: &str, who: &str) -> u16 {
        let path = format!("{GROUPS}/{group}/members/{who}");
        self.admin(Ask::put(&path, "")).await.status
    }

    async fn leave(&self, group: &str, who: &str) -> u16 {
        let path = format!("{GROUPS}/{group}/members/{who}");
        self.admin(Ask::delete(&path)).await.status
    }

    async fn members(&self, group: &str) -> Value {
        let path = format!("{GROUPS}/{group}/members");
        self.admin(Ask::get(&path)).await.json()["members"].clone()
    }

    /// How much is in somebody's list.
    async fn last_of(&self, reader: &CustomerId) -> u64 {
        let list = self.lists.list_of((&tenant(), reader)).await;
        list.unwrap().last
    }
}

#[tokio::test]
async fn a_group_is_made_once_for_a_key_and_is_there_until_it_ends() {
    let world = World::new().await;
    let body = json!({"name": "Tea lovers"});
    let made = world.post(GROUPS, "k1", &body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let shown = made.json();
    let id = shown["group_id"].as_str().unwrap();
    assert_eq!(shown["list"], json!(format!("group:{id}")));
    assert_eq!(made.header("location"), format!("{GROUPS}/{id}"));
    let again = world.post(GROUPS, "k1", &body).await;
    assert_eq!(
        (again.header("idempotency-replayed"), again.json()),
        ("true", shown.clone())
    );
    let other = world.post(GROUPS, "k1", &json!({"name": "Others"})).await;
    assert_eq!(other.status, 422);
    let path = format!("{GROUPS}/{id}");
    assert_eq!(world.admin(Ask::get(&path)).await.json(), shown);
    let listed = world.admin(Ask::get(GROUPS)).await.json();
    assert_eq!(listed, json!({"groups": [shown]}));
    for _ in 0..2 {
        let ended = world.admin(Ask::delete(&path)).await;
        assert_eq!(ended.status, 204);
        assert_eq!(world.admin(Ask::get(&path)).await.status, 404);
    }
    let without = Ask::post(GROUPS, &body);
    assert_eq!(world.admin(without).await.status, 400);
    assert_eq!(world.accounts.authors().iter().flatten().count(), 2);
}

#[tokio::test]
async fn those_with_an_account_belong_to_a_group_until_they_are_taken_out() {
    let world = World::new().await;
    let group = world.group("tea").await;
    for _ in 0..2 {
        assert_eq!(world.join(&group, "alice").await, 204);
        assert_eq!(world.members(&group).await, json!(["alice"]));
    }
    for nobody in ["nobody", "a%20b"] {
        assert_eq!(world.join(&group, nobody).await, 409);
    }
    let own = || Ask::get("/api/v1/groups").with_token(&token("alice", Role::Customer));
    let hers = own().to(&world.routes).await.json();
    assert_eq!(hers["groups"][0]["group_id"], json!(group));
    for _ in 0..2 {
        assert_eq!(world.leave(&group, "alice").await, 204);
        assert_eq!(world.members(&group).await, json!([]));
    }
    let hers = own().to(&world.routes).await.json();
    assert_eq!(hers, json!({"groups": []}));
}

#[tokio::test]
async fn a_group_of_another_shop_is_not_there() {
    let world = World::new().await;
    let group = world.group("tea").await;
    let eve = token_of_shop("other", "eve", Role::Admin);
    let message = json!({"title": "t", "message": "m"});
    let one = format!("{GROUPS}/{group}");
    for ask in [
        Ask::get(&one),
        Ask::get(&format!("{one}/members")),
        Ask::put(&format!("{one}/members/alice"), ""),
        Ask::delete(&format!("{one}/members/alice")),
        Ask::post(&format!("{one}/notifications"), &message).with("idempotency-key", "k"),
    ] {
        let answer = ask.with_token(&eve).to(&world.routes).await;
        assert_eq!(answer.status, 404, "{}", answer.body);
    }
    let ended = Ask::delete(&one).with_token(&eve);
    assert_eq!(ended.to(&world.routes).await.status, 404);
    assert_eq!(world.admin(Ask::get(&one)).await.status, 200);
    let listed = Ask::get(GROUPS).with_token(&eve).to(&world.routes).await;
    assert_eq!(listed.json(), json!({"groups": []}));
}

#[tokio::test]
async fn nobody_but_who_runs_the_shop_manages_groups() {
    let world = World::new().await;
    for role in [Role::Customer, Role::Support] {
        let ask = Ask::get(GROUPS).with_token(&token("alice", role));
        assert_eq!(ask.to(&world.routes).await.status, 403, "{role:?}");
    }
    let anybody = Ask::get("/api/v1/groups").to(&world.routes).await;
    assert_eq!(anybody.status, 401);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    assert!(names.contains(&"REALTIME_TABLE") && names.contains(&"CURSOR_KEY"));
}
