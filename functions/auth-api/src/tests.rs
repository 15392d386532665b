//! The routes inside the edge, with the tokens that they give out, against accounts in memory.

mod links;
mod phones;
mod refusals;
mod staying;

use axum::Router;
use contracts::http::{ParsedRegistration, Secret};
use domain::{CustomerId, LinkPurpose, Role};
use front_door::Callers;
use http_edge::token::SigningKey;
use http_edge::{Limits, Options, Origins, Rates, TokenVerifier, edge};
use identity::{Argon2Passwords, LinkTokens, PasswordParams, PhoneCodes};
use jiff::SignedDuration;
use lambda_boot::{Clock, Env, TokenSettings, new_id};
use serde_json::{Value, json};
use testkit::FakeClock;
use testkit::build::{at, email, tenant};
use testkit::fakes::{FakeAccounts, FakeCounters, FakeRealtime};
use testkit::http::{Answer, Ask};
use testkit::keys::private_key;

use super::*;

const PASSWORD: &str = "correct horse battery";
const ISSUER: &str = "https://shop.example.org";

fn links() -> LinkTokens {
    LinkTokens::new(&"1".repeat(64)).unwrap()
}

fn codes() -> PhoneCodes {
    PhoneCodes::new(&"2".repeat(64)).unwrap()
}

/// The whole function, its clock and what it stored.
struct Shop {
    routes: Router,
    store: FakeAccounts,
    texts: FakeRealtime,
    counters: FakeCounters,
    clock: FakeClock,
    verifier: TokenVerifier,
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
            callers: Callers {
                accounts: "accounts".to_owned(),
                operations: "operations".to_owned(),
                limits,
                tokens: TokenSettings {
                    jwks: jwks.unwrap(),
                    issuer: ISSUER.to_owned(),
                    audience: "api".to_owned(),
                },
                origins: Origins::default(),
            },
            signing_key: Secret(pem),
            link_key: Secret("1".repeat(64)),
            code_key: Secret("2".repeat(64)),
            realtime: "realtime".to_owned(),
            verified_only: false,
            refresh_key: Secret("0123456789abcdef".repeat(4)),
            tenant: tenant(),
            passwords: PasswordParams::default(),
        };
        let (store, clock) = (FakeAccounts::default(), FakeClock::default());
        let texts = FakeRealtime::default();
        let (now, token_now) = (clock.clone(), clock.clone());
        let app = App {
            store: store.clone(),
            passwords: Argon2Passwords::new(config.passwords).unwrap(),
            issuer: config.issuer().unwrap(),
            links: links(),
            codes: codes(),
            texts: texts.clone(),
            verified_only: config.verified_only,
            tokens: config.callers.tokens.clone(),
            tenant: config.tenant,
            clock: Clock::driven(move || now.now()),
            new_id,
        };
        let tokens = config.callers.tokens;
        let verifier = TokenVerifier::new(&tokens.jwks, &tokens.issuer, &tokens.audience);
        let verifier = verifier.unwrap();
        let options = Options::protected(verifier.clone(), move || token_now.now(), new_id);
        let (counters, limit_now) = (FakeCounters::default(), clock.clone());
        let limits = Limits::new(counters.clone(), limits, move || limit_now.now());
        Self {
            routes: edge(api(app), options.limited(limits)),
            store,
            texts,
            counters,
            clock,
            verifier,
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

    /// An account that was registered, by its id.
    async fn register(&self, name: &str) -> CustomerId {
        let asked = ParsedRegistration {
            email: email(&format!("{name}@example.org")),
            password: Secret(PASSWORD.to_owned()),
            name: name.to_owned(),
        };
        let whom = (tenant(), asked, vec![Role::Customer]);
        let passwords = Argon2Passwords::new(PasswordParams::default()).unwrap();
        let registered = identity::register(&self.store, &passwords, whom, new_id, at(0));
        registered.await.unwrap().id
    }

    async fn sign_in(&self, name: &str, password: &str) -> Answer {
        let body = json!({"email": format!("{name}@example.org"), "password": password});
        self.post("/api/v1/auth/login", body).await
    }

    /// Somebody new, signed in.
    async fn member(&self, name: &str) -> Member {
        let id = self.register(name).await;
        self.signed_in(name, id).await
    }

    async fn signed_in(&self, name: &str, id: CustomerId) -> Member {
        let answer = self.sign_in(name, PASSWORD).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let tokens = Tokens::of(&answer);
        Member { id, tokens }
    }

    /// Whether an access token is good now.
    fn admits(&self, token: &str) -> bool {
        self.verifier.verify(token, self.clock.now()).is_ok()
    }

    async fn refresh(&self, token: &str) -> Answer {
        let body = json!({"refresh_token": token});
        self.post("/api/v1/auth/refresh", body).await
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
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
    id: CustomerId,
    tokens: Tokens,
}

#[tokio::test]
async fn what_verifies_the_tokens_is_public() {
    let shop = Shop::new();
    let jwks = shop.ask(Ask::get("/.well-known/jwks.json")).await;
    assert_eq!(jwks.header("cache-control"), "public, max-age=300");
    let alice = shop.member("alice").await;
    let verifier = TokenVerifier::new(&jwks.body, ISSUER, "api").unwrap();
    let principal = verifier.verify(&alice.tokens.access, at(0)).unwrap();
    assert_eq!(principal.subject, alice.id);
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
        "LINK_KEY",
        "CODE_KEY",
        "REALTIME_TABLE",
        "REQUIRE_VERIFIED",
        "HOME_TENANT",
        "PASSWORD_MEMORY_KIB",
        "PASSWORD_PASSES",
    ];
    assert_eq!(names, all);
}
