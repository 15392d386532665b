//! The routes inside the edge, with the tokens that they give out, against accounts in memory.

mod refusals;
mod running;
mod staying;

use axum::Router;
use contracts::http::Secret;
use domain::Role;
use domain::ports::KeepAccounts;
use http_edge::token::SigningKey;
use http_edge::{Limits, Options, Rates, TokenVerifier, edge};
use identity::{Argon2Passwords, PasswordParams};
use jiff::SignedDuration;
use lambda_boot::{Clock, Env, TokenSettings, new_id};
use serde_json::{Value, json};
use testkit::FakeClock;
use testkit::build::{at, tenant};
use testkit::fakes::{FakeAccounts, FakeCounters};
use testkit::http::{Answer, Ask};
use testkit::keys::private_key;

use super::*;

const PASSWORD: &str = "correct horse battery";
const ISSUER: &str = "https://shop.example.org";

/// The whole function, its clock and what it stored.
struct Shop {
    routes: Router,
    store: FakeAccounts,
    counters: FakeCounters,
    clock: FakeClock,
}

impl Shop {
    fn new() -> Self {
        let often = 10_000;
        Self::limited(Rates {
            user: often,
            key: often,
            address: often,
            entry: often,
            guess: often,
            account: often,
        })
    }

    fn limited(limits: Rates) -> Self {
        let pem = private_key();
        let jwks = SigningKey::named_by_thumbprint(&pem).unwrap().jwks();
        let config = Config {
            accounts: "accounts".to_owned(),
            operations: "operations".to_owned(),
            limits,
            tokens: TokenSettings {
                jwks: jwks.unwrap(),
                issuer: ISSUER.to_owned(),
                audience: "api".to_owned(),
            },
            signing_key: Secret(pem),
            refresh_key: Secret("0123456789abcdef".repeat(4)),
            tenant: tenant(),
            passwords: PasswordParams::default(),
        };
        let (store, clock) = (FakeAccounts::default(), FakeClock::default());
        let (now, token_now) = (clock.clone(), clock.clone());
        let app = App {
            store: store.clone(),
            passwords: Argon2Passwords::new(config.passwords).unwrap(),
            issuer: config.issuer().unwrap(),
            tokens: config.tokens.clone(),
            tenant: config.tenant,
            clock: Clock::driven(move || now.now()),
            new_id,
        };
        let tokens = config.tokens;
        let verifier = TokenVerifier::new(&tokens.jwks, &tokens.issuer, &tokens.audience);
        let options = Options::protected(verifier.unwrap(), move || token_now.now(), new_id);
        let (counters, limit_now) = (FakeCounters::default(), clock.clone());
        let limits = Limits::new(counters.clone(), limits, move || limit_now.now());
        Self {
            routes: edge(api(app), options.limited(limits)),
            store,
            counters,
            clock,
        }
    }

    fn later(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
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

    async fn sign_in(&self, name: &str, password: &str) -> Answer {
        let body = json!({"email": format!("{name}@example.org"), "password": password});
        self.post("/api/v1/auth/login", body).await
    }

    /// Somebody new, signed in.
    async fn member(&self, name: &str) -> Member {
        let registered = self.register(name).await;
        assert_eq!(registered.status, 201, "{}", registered.body);
        let id = registered.json()["user_id"].as_str().unwrap().to_owned();
        self.signed_in(name, id).await
    }

    async fn signed_in(&self, name: &str, id: String) -> Member {
        let answer = self.sign_in(name, PASSWORD).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let tokens = Tokens::of(&answer);
        Member { id, tokens }
    }

    async fn admin(&self) -> Member {
        let id = self.member("dora").await.id;
        self.appoint(&id, vec![Role::Customer, Role::Admin]).await;
        self.signed_in("dora", id).await
    }

    async fn appoint(&self, id: &str, roles: Vec<Role>) {
        let accounts = self.store.accounts();
        let mut account = accounts
            .into_iter()
            .find(|it| it.id.as_str() == id)
            .unwrap();
        account.roles = roles;
        self.store.save_account(account).await.unwrap();
    }

    async fn refresh(&self, token: &str) -> Answer {
        let body = json!({"refresh_token": token});
        self.post("/api/v1/auth/refresh", body).await
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

fn registration(name: &str) -> Value {
    json!({"email": format!("{name}@example.org"), "password": PASSWORD, "name": name})
}

#[derive(Clone)]
struct Tokens {
    access: String,
    refresh: String,
}

impl Tokens {
    fn of(answer: &Answer) -> Self {
        let body = answer.json();
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        assert_eq!(
            (text("token_type").as_str(), &body["expires_in"]),
            ("Bearer", &json!(600))
        );
        Self {
            access: text("access_token"),
            refresh: text("refresh_token"),
        }
    }
}

struct Member {
    id: String,
    tokens: Tokens,
}

impl Member {
    fn path(&self) -> String {
        format!("/api/v1/users/{}", self.id)
    }

    fn get(&self, path: &str) -> Ask {
        Ask::get(path).with_token(&self.tokens.access)
    }

    fn put(&self, path: &str, seen: &str, body: &Value) -> Ask {
        let ask = Ask::put(path, body).with_token(&self.tokens.access);
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
      "name": "alice",
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
        Ask::post(&path, body).with_token(&alice.tokens.access)
    };
    let wrong = shop
        .ask(change("another password", "a better password"))
        .await;
    assert_eq!(wrong.problem(), (403, "wrong-password".to_owned()));
    let short = shop.ask(change(PASSWORD, "short")).await;
    assert_eq!(short.problem(), (422, "invalid-body".to_owned()));
    assert_eq!(shop.refresh(&alice.tokens.refresh).await.status, 200);
    shop.later(1);
    let changed = shop.ask(change(PASSWORD, "a better password")).await;
    assert_eq!((changed.status, changed.body.as_str()), (204, ""));
    assert_eq!(shop.refresh(&alice.tokens.refresh).await.status, 401);
    assert_eq!(shop.sign_in("alice", PASSWORD).await.status, 401);
    assert_eq!(shop.sign_in("alice", "a better password").await.status, 200);
}

#[tokio::test]
async fn what_verifies_the_tokens_is_public() {
    let shop = Shop::new();
    let jwks = shop.ask(Ask::get("/.well-known/jwks.json")).await;
    assert_eq!(jwks.header("cache-control"), "public, max-age=300");
    let alice = shop.member("alice").await;
    let verifier = TokenVerifier::new(&jwks.body, ISSUER, "api").unwrap();
    let principal = verifier.verify(&alice.tokens.access, at(0)).unwrap();
    assert_eq!(principal.subject.as_str(), alice.id);
    assert_eq!(principal.email.as_deref(), Some("alice@example.org"));
    let configuration = shop
        .ask(Ask::get("/.well-known/openid-configuration"))
        .await;
    insta::assert_snapshot!(pretty(&configuration.json()), @r#"
    {
      "issuer": "https://shop.example.org",
      "jwks_uri": "https://shop.example.org/.well-known/jwks.json",
      "token_endpoint": "https://shop.example.org/api/v1/auth/login",
      "response_types_supported": [
        "token"
      ],
      "subject_types_supported": [
        "public"
      ],
      "id_token_signing_alg_values_supported": [
        "RS256"
      ]
    }
    "#);
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
        "TOKEN_SIGNING_KEY",
        "REFRESH_KEY",
        "HOME_TENANT",
        "PASSWORD_MEMORY_KIB",
        "PASSWORD_PASSES",
    ];
    assert_eq!(names, all);
}
