//! The routes inside the edge against accounts in memory.

mod destinations;
mod email;
mod keys;
mod refusals;
mod running;

use axum::Router;
use contracts::http::Secret;
use domain::{Account, Role};
use http_edge::{Limits, Rates};
use identity::{Argon2Passwords, Credentials, PasswordParams};
use lambda_boot::{Clock, Env, new_id};
use serde_json::{Value, json};
use testkit::build::{at, email, tenant};
use testkit::fakes::{FakeAccounts, FakeCounters};
use testkit::http::{Answer, Ask, protect_limited, protect_with_keys, token};

use super::*;

const PASSWORD: &str = "correct horse battery";

/// The whole function, and what it stored.
struct Shop {
    routes: Router,
    store: FakeAccounts,
}

fn passwords() -> Argon2Passwords {
    Argon2Passwords::new(PasswordParams::default()).unwrap()
}

fn app(store: FakeAccounts) -> App<FakeAccounts, Argon2Passwords> {
    App {
        store,
        passwords: passwords(),
        tenant: tenant(),
        clock: Clock::fixed(at(0)),
        new_id,
    }
}

impl Shop {
    fn new() -> Self {
        Self::of(FakeAccounts::default())
    }

    /// The same shop, seen by an instance that was just started.
    fn again(&self) -> Self {
        Self::of(self.store.clone())
    }

    fn of(store: FakeAccounts) -> Self {
        let routes = protect_with_keys(api(app(store.clone())), store.clone());
        Self { routes, store }
    }

    async fn ask(&self, ask: Ask) -> Answer {
        ask.to(&self.routes).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Ask::post(path, body)).await
    }

    async fn register(&self, name: &str) -> Answer {
        let body = registration(name);
        self.post("/api/v1/users", body).await
    }

    /// Whether somebody could sign in now.
    async fn signs_in(&self, name: &str, password: &str) -> bool {
        let who = Credentials {
            tenant: &tenant(),
            email: &email(&format!("{name}@example.org")),
            password: &Secret(password.to_owned()),
            verified_only: false,
        };
        let passwords = passwords();
        let tried = identity::sign_in(&self.store, &passwords, who, new_id(), at(0));
        tried.await.is_ok()
    }

    /// Somebody new, with a token.
    async fn member(&self, name: &str) -> Member {
        self.member_as(name, Role::Customer).await
    }

    async fn admin(&self) -> Member {
        self.member_as("dora", Role::Admin).await
    }

    async fn member_as(&self, name: &str, role: Role) -> Member {
        let registered = self.register(name).await;
        assert_eq!(registered.status, 201, "{}", registered.body);
        let id = registered.json()["user_id"].as_str().unwrap().to_owned();
        let token = token(&id, role);
        Member { id, token }
    }

    fn stored(&self, id: &str) -> Account {
        let mut accounts = self.store.accounts().into_iter();
        accounts.find(|account| account.id.as_str() == id).unwrap()
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

fn registration(name: &str) -> Value {
    json!({"email": format!("{name}@example.org"), "password": PASSWORD, "name": name})
}

struct Member {
    id: String,
    token: String,
}

impl Member {
    fn path(&self) -> String {
        format!("/api/v1/users/{}", self.id)
    }

    fn get(&self, path: &str) -> Ask {
        Ask::get(path).with_token(&self.token)
    }

    fn put(&self, path: &str, seen: &str, body: &Value) -> Ask {
        let ask = Ask::put(path, body).with_token(&self.token);
        ask.with("if-match", seen)
    }
}

#[tokio::test]
async fn who_registers_gets_their_account_and_its_place() {
    let shop = Shop::new();
    let answer = shop.register("alice").await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("etag"), "\"1\"");
    let mut body = answer.json();
    let id = body["user_id"].take();
    let place = format!("/api/v1/users/{}", id.as_str().unwrap());
    assert_eq!(answer.header("location"), place);
    insta::assert_snapshot!(pretty(&body), @r#"
    {
      "user_id": null,
      "email": "alice@example.org",
      "email_verified": false,
      "name": "alice",
      "phone_confirmed": false,
      "preferences": {
        "email": true,
        "sms": false
      },
      "roles": [
        "customer"
      ],
      "status": "active",
      "registered_at": "2026-07-20T12:00:00Z",
      "version": 1
    }
    "#);
}

#[tokio::test]
async fn who_is_signed_in_sees_their_account_and_no_other() {
    let shop = Shop::new();
    let (alice, bob) = (shop.member("alice").await, shop.member("bob").await);
    let own = shop.ask(alice.get(&alice.path())).await;
    assert_eq!((own.status, own.header("etag")), (200, "\"1\""));
    assert_eq!(own.json()["user_id"], alice.id);
    let foreign = shop.ask(alice.get(&bob.path())).await;
    let unknown = shop.ask(alice.get("/api/v1/users/nobody")).await;
    assert_eq!(foreign.problem(), (404, "not-found".to_owned()));
    assert_eq!(foreign.body, unknown.body);
}

#[tokio::test]
async fn those_who_run_the_shop_see_and_change_every_account() {
    let shop = Shop::new();
    let (alice, dora) = (shop.member("alice").await, shop.admin().await);
    let seen = shop.ask(dora.get(&alice.path())).await;
    assert_eq!(seen.status, 200);
    let body = json!({"name": "Alice L.", "preferences": {"email": true, "sms": false}});
    let changed = dora.put(&alice.path(), seen.header("etag"), &body);
    assert_eq!(shop.ask(changed).await.json()["name"], "Alice L.");
}

#[tokio::test]
async fn a_profile_is_changed_from_the_version_that_was_seen() {
    let shop = Shop::new();
    let alice = shop.member("alice").await;
    let body = json!({
        "name": "Alice Liddell",
        "phone": "+441632960001",
        "address": {"name": "A", "street": "1 High St", "city": "Bristol", "postcode": "BS1", "country": "GB"},
        "preferences": {"email": false, "sms": true},
    });
    let changed = shop.ask(alice.put(&alice.path(), "\"1\"", &body)).await;
    assert_eq!((changed.status, changed.header("etag")), (200, "\"2\""));
    assert_eq!(
        shop.ask(alice.get(&alice.path())).await.json(),
        changed.json()
    );
    // The same again changes nothing; from the old version it is refused.
    let same = shop.ask(alice.put(&alice.path(), "\"2\"", &body)).await;
    assert_eq!(same.header("etag"), "\"2\"");
    let stale = shop.ask(alice.put(&alice.path(), "\"1\"", &body)).await;
    assert_eq!(stale.problem(), (412, "precondition-failed".to_owned()));
}

#[tokio::test]
async fn a_new_password_ends_all_sessions_and_signs_in() {
    let shop = Shop::new();
    let alice = shop.member("alice").await;
    let path = format!("{}/password", alice.path());
    let change = |current: &str, new: &str| {
        let body = json!({"current_password": current, "new_password": new});
        Ask::post(&path, body).with_token(&alice.token)
    };
    let wrong = shop
        .ask(change("another password", "a better password"))
        .await;
    assert_eq!(wrong.problem(), (403, "wrong-password".to_owned()));
    let short = shop.ask(change(PASSWORD, "short")).await;
    assert_eq!(short.problem(), (422, "invalid-body".to_owned()));
    assert_eq!(shop.stored(&alice.id).epoch, 0);
    let changed = shop.ask(change(PASSWORD, "a better password")).await;
    assert_eq!((changed.status, changed.body.as_str()), (204, ""));
    assert_eq!(shop.stored(&alice.id).epoch, 1, "her sessions have ended");
    assert!(!shop.signs_in("alice", PASSWORD).await);
    assert!(shop.signs_in("alice", "a better password").await);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    let all = [
        "ACCOUNTS_TABLE",
        "OPERATIONS_TABLE",
        "LIMITS",
        "TOKEN_JWKS",
        "TOKEN_ISSUER",
        "TOKEN_AUDIENCE",
        "HOME_TENANT",
        "PASSWORD_MEMORY_KIB",
        "PASSWORD_PASSES",
    ];
    assert_eq!(names, all);
}

#[tokio::test]
async fn who_stole_a_token_does_not_guess_the_password() {
    let shop = Shop::new();
    let alice = shop.member("alice").await;
    let limits = Limits::new(FakeCounters::default(), Rates::default(), || at(0));
    let limited = protect_limited(api(app(shop.store.clone())), limits);
    let path = format!("{}/password", alice.path());
    let change = |current: &str| {
        let body = json!({"current_password": current, "new_password": "a better password"});
        Ask::post(&path, body).with_token(&alice.token)
    };
    for _ in 0..Rates::default().guess {
        let wrong = change("a guess at it").to(&limited).await;
        assert_eq!(wrong.problem(), (403, "wrong-password".to_owned()));
    }
    let right = change(PASSWORD).to(&limited).await;
    assert_eq!(right.problem(), (429, "too-many-requests".to_owned()));
    assert_eq!(shop.stored(&alice.id).epoch, 0, "it was not looked at");
    let elsewhere = change(PASSWORD).from_address("203.0.113.9");
    assert_eq!(
        elsewhere.to(&limited).await.status,
        204,
        "nobody keeps her out"
    );
}
