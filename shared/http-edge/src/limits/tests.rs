//! What callers of a limited router see.

use axum::Router;
use domain::CustomerId;
use domain::ports::KeepApiKeys;
use jiff::SignedDuration;
use testkit::FakeClock;
use testkit::build::an_api_key;
use testkit::fakes::{FakeAccounts, FakeCounters};
use testkit::http::{Answer, Ask};
use uuid::Uuid;

use super::*;
use crate::token::tests::{claims, now, signing_key, verifier};
use crate::{Api, Options, Policy, edge};

const RATES: Rates = Rates {
    user: 5,
    key: 10,
    address: 3,
    entry: 4,
    guess: 2,
    account: 3,
};

/// A limited router, its counters and the clock of its limits.
struct World {
    router: Router,
    counters: FakeCounters,
    accounts: FakeAccounts,
    clock: FakeClock,
}

impl World {
    fn new(rates: Rates) -> Self {
        let (counters, clock) = (FakeCounters::default(), FakeClock::default());
        let limit_clock = clock.clone();
        let limits = Limits::new(counters.clone(), rates, move || limit_clock.now());
        let guess = async |guesses: Guesses, account: String| {
            let email = Email::parse(&format!("{account}@example.org")).unwrap();
            let shop = TenantId::parse("main").unwrap();
            guesses.at(&shop, &email).await.map(|()| "come in")
        };
        let api = Api::default()
            .get("/mine", Policy::Owner(&[]), async || "yours")
            .get("/open", Policy::Anybody, async || "anybody's")
            .way_in("/in", guess);
        let accounts = FakeAccounts::default();
        let options = Options::protected(verifier(), now, || Uuid::from_u128(1));
        let options = options.limited(limits).with_keys(accounts.clone());
        Self {
            router: edge(api, options),
            counters,
            accounts,
            clock,
        }
    }

    async fn ask(&self, ask: Ask) -> Answer {
        ask.to(&self.router).await
    }

    async fn mine(&self, who: &str) -> Answer {
        let mut claims = claims();
        claims.sub = who.to_owned();
        let token = signing_key().mint(&claims).unwrap();
        self.ask(Ask::get("/mine").with_token(&token)).await
    }

    /// The bearer of a key that was made.
    async fn key(&self, number: u32) -> String {
        let (key, secret) = an_api_key(number);
        self.accounts.save_api_key(key).await.unwrap();
        secret
    }

    async fn by_key(&self, key: &str) -> Answer {
        self.ask(Ask::get("/mine").with("x-api-key", key)).await
    }

    async fn open(&self, address: &str, forged: &str) -> Answer {
        let ask = Ask::get("/open").from_address(address);
        self.ask(ask.with("x-forwarded-for", forged)).await
    }

    async fn guess(&self, address: &str, account: &str) -> Answer {
        self.ask(Ask::post("/in", account).from_address(address))
            .await
    }

    fn later(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }
}

#[tokio::test]
async fn a_customer_passes_up_to_the_limit_and_is_then_told_when_to_come_again() {
    let world = World::new(RATES);
    for left in (0..5).rev() {
        let answer = world.mine("alice").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit-policy"), "\"user\";q=5;w=60");
        let state = format!("\"user\";r={left};t=60");
        assert_eq!(answer.header("ratelimit"), state);
    }
    let refused = world.mine("alice").await;
    assert_eq!(refused.problem(), (429, "too-many-requests".to_owned()));
    assert_eq!(refused.header("ratelimit-policy"), "\"user\";q=5;w=60");
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    assert!((55..=65).contains(&wait), "{wait}");
    assert_eq!(
        refused.header("ratelimit"),
        format!("\"user\";r=0;t={wait}")
    );
    assert_eq!(world.mine("bob").await.status, 200);
    world.later(wait - 1);
    assert_eq!(world.mine("alice").await.status, 429);
    world.later(1);
    assert_eq!(world.mine("alice").await.status, 200);
}

#[tokio::test]
async fn a_key_has_a_limit_of_its_own_whoever_made_it() {
    let world = World::new(RATES);
    let (one, other) = (world.key(1).await, world.key(2).await);
    for left in (0..10).rev() {
        let answer = world.by_key(&one).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit-policy"), "\"key\";q=10;w=60");
        let state = format!("\"key\";r={left};t=60");
        assert_eq!(answer.header("ratelimit"), state);
    }
    let refused = world.by_key(&one).await;
    assert_eq!(refused.problem(), (429, "too-many-requests".to_owned()));
    // Both were made by Dora.
    assert_eq!(world.by_key(&other).await.status, 200);
    assert_eq!(world.mine("dora").await.status, 200);
}

#[tokio::test]
async fn one_name_in_two_shops_is_two_customers() {
    let key = |tenant: &str| {
        let tenant = TenantId::parse(tenant).unwrap();
        let subject = CustomerId::parse("alice").unwrap();
        let (roles, email) = (Vec::new(), None);
        let principal = crate::Principal {
            subject,
            tenant,
            roles,
            email,
            session: None,
            kind: crate::PrincipalKind::User,
        };
        Whose::principal(&principal).key()
    };
    assert_eq!(key("main"), "user#main#alice");
    assert_ne!(key("main"), key("other"));
}

/// F34.
#[tokio::test]
async fn what_a_client_says_of_its_address_changes_nothing() {
    let world = World::new(RATES);
    for forged in ["198.51.100.1", "198.51.100.2", ""] {
        assert_eq!(world.open("203.0.113.7", forged).await.status, 200);
    }
    for forged in ["198.51.100.3", "203.0.113.8"] {
        assert_eq!(world.open("203.0.113.7", forged).await.status, 429);
    }
    let other = world.open("203.0.113.8", "203.0.113.7").await;
    assert_eq!(other.status, 200);
}

#[tokio::test]
async fn a_network_of_version_6_is_one_address() {
    let world = World::new(RATES);
    for host in ["2001:db8::1", "2001:db8::2", "2001:db8::ffff:3"] {
        assert_eq!(world.open(host, "").await.status, 200);
    }
    assert_eq!(world.open("2001:db8::4", "").await.status, 429);
    assert_eq!(world.open("2001:db8:0:1::1", "").await.status, 200);
    for same in ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1"] {
        assert_eq!(world.open(same, "").await.status, 200);
    }
    assert_eq!(world.open("::ffff:192.0.2.1", "").await.status, 429);
}

/// F29, API4: what is refused costs nothing.
#[tokio::test]
async fn a_refused_request_costs_no_call_once_the_window_is_known_to_be_full() {
    for user in [5, 1_000] {
        let world = World::new(Rates { user, ..RATES });
        let mut passed = 0;
        while world.mine("alice").await.status == 200 {
            passed += 1;
        }
        assert_eq!(passed, user);
        let calls = world.counters.calls();
        for _ in 0..10 * 100 {
            assert_eq!(world.mine("alice").await.status, 429);
        }
        assert_eq!(world.counters.calls(), calls);
    }
}

#[tokio::test]
async fn a_hundred_requests_of_one_customer_cost_five_writes_at_most() {
    let world = World::new(Rates::default());
    for _ in 0..100 {
        assert_eq!(world.mine("alice").await.status, 200);
    }
    assert!(world.counters.calls() <= 5, "{}", world.counters.calls());
}

#[tokio::test]
async fn who_has_no_token_is_refused_before_anything_is_counted() {
    let world = World::new(RATES);
    assert_eq!(world.ask(Ask::get("/mine")).await.status, 401);
    assert_eq!(world.counters.calls(), 0);
}

#[tokio::test]
async fn while_nobody_can_count_customers_pass_and_ways_in_are_closed() {
    let world = World::new(RATES);
    world.counters.fail(true);
    for _ in 0..10 {
        let answer = world.mine("alice").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit-policy"), "\"user\";q=5;w=60");
        assert_eq!(answer.header("ratelimit"), "");
        assert_eq!(world.open("203.0.113.7", "").await.status, 200);
    }
    assert_eq!(world.counters.calls(), 1, "they are left alone for a while");
    let closed = world.guess("203.0.113.7", "alice").await;
    assert_eq!(closed.problem(), (503, "unavailable".to_owned()));
    assert_eq!(closed.header("retry-after"), "1");
    world.counters.fail(false);
    assert_eq!(world.guess("203.0.113.7", "alice").await.status, 200);
    world.later(6);
    assert_eq!(
        world.mine("alice").await.header("ratelimit"),
        "\"user\";r=4;t=60"
    );
}

#[tokio::test]
async fn one_address_guesses_at_an_account_a_few_times_and_keeps_nobody_else_out() {
    let world = World::new(RATES);
    for _ in 0..2 {
        assert_eq!(world.guess("203.0.113.7", "alice").await.status, 200);
    }
    let refused = world.guess("203.0.113.7", "alice").await;
    assert_eq!(refused.problem(), (429, "too-many-requests".to_owned()));
    assert_eq!(refused.header("ratelimit-policy"), "\"guess\";q=2;w=60");
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(world.guess("203.0.113.7", "bob").await.status, 200);
    assert_eq!(world.guess("203.0.113.8", "alice").await.status, 200);
    // From everywhere together, a few more.
    let together = world.guess("203.0.113.9", "alice").await;
    assert_eq!(together.header("ratelimit-policy"), "\"account\";q=3;w=60");
    // At whatever account: the address has come in four times.
    let entries = world.guess("203.0.113.7", "carol").await;
    assert_eq!(entries.header("ratelimit-policy"), "\"entry\";q=4;w=60");
}

#[tokio::test]
async fn no_row_tells_whose_account_was_tried() {
    let world = World::new(RATES);
    world.guess("203.0.113.7", "alice").await;
    let keys = world.counters.keys();
    assert_eq!(keys.len(), 3, "{keys:?}");
    assert!(!keys.concat().contains("alice"), "{keys:?}");
}

#[test]
fn rates_are_read_from_a_text_and_all_of_them_are_needed() {
    let text = "user=1000 key=10000 address=1000 entry=20 guess=5 account=50";
    assert_eq!(text.parse(), Ok(Rates::default()));
    for (from, to) in [
        ("user=1000", "user=0"),
        ("key=10000 ", ""),
        ("guess=5", "guess=many"),
        ("entry=20", "entry=-1"),
        ("account=50", "accounts=50"),
    ] {
        assert!(text.replace(from, to).parse::<Rates>().is_err(), "{to}");
    }
}
