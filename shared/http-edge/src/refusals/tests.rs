//! Which refusals are handed on, as what, how often, and what becomes of the answer.

use std::sync::{Arc, Mutex};

use axum::extract::{ConnectInfo, Request};
use axum::http::{Method, header};
use axum::response::IntoResponse;
use axum::{Router, body::Body};
use domain::ports::Cause;
use domain::{ApiKeyId, Role};
use tower::ServiceExt;

use super::*;
use crate::token::tests::{claims, signing_key, verifier};
use crate::{Api, Options, Policy, Problem, edge};

const ORDER: &str = "0f7e1f4e-7d3a-8c55-9d6d-4f9f9b6a1c03";

/// A store of refusals, and the time.
#[derive(Clone, Default)]
struct Kept {
    refusals: Arc<Mutex<Vec<Refusal>>>,
    seconds: Arc<Mutex<i64>>,
    down: bool,
    hangs: bool,
}

impl NoteRefusals for Kept {
    async fn note_refusal(&self, refusal: &Refusal) -> Result<(), StoreError> {
        self.refusals.lock().unwrap().push(refusal.clone());
        if self.hangs {
            std::future::pending::<()>().await;
        }
        match self.down {
            true => Err(StoreError::Unavailable(Cause("down".to_owned()))),
            false => Ok(()),
        }
    }
}

impl Kept {
    fn all(&self) -> Vec<Refusal> {
        self.refusals.lock().unwrap().clone()
    }

    fn wait(&self, seconds: i64) {
        *self.seconds.lock().unwrap() += seconds;
    }

    fn router(&self) -> Router {
        let seconds = self.seconds.clone();
        let now = move || Timestamp::from_second(*seconds.lock().unwrap()).unwrap();
        let options =
            Options::protected(verifier(), crate::token::tests::now, || Uuid::from_u128(1));
        edge(api(), options.noting(self.clone(), now))
    }

    async fn ask(&self, router: &Router, path: &str, signed_in: bool) -> StatusCode {
        let mut request = Request::builder().method(Method::GET).uri(path);
        if signed_in {
            let token = signing_key().mint(&claims()).unwrap();
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let from: std::net::SocketAddr = "192.0.2.77:1".parse().unwrap();
        let request = request.extension(ConnectInfo(from));
        let request = request.header("x-request-id", "request-7");
        let request = request.body(Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap().status()
    }
}

async fn foreign(caller: Caller) -> Result<(), Problem> {
    let other = CustomerId::parse("other").unwrap();
    let may = caller.may_have(&caller.principal.tenant, &other);
    may.then_some(()).ok_or_else(Problem::not_found)
}

async fn missing(_: Caller) -> Problem {
    Problem::not_found()
}

async fn limited(_: Caller) -> Problem {
    Problem::of_status(StatusCode::TOO_MANY_REQUESTS)
}

fn tried(account: Option<CustomerId>) -> Problem {
    let shop = TenantId::parse("main").unwrap();
    let problem = Problem::refused("sign-in-refused", "Sign-in refused", "no");
    problem.trying(&shop, "a@b.example", account)
}

async fn welcome() -> impl IntoResponse {}

fn api() -> Api {
    const OWN: Policy = Policy::Owner(&[]);
    const ADMIN: Policy = Policy::Only(&[Role::Admin]);
    let alice = || Some(CustomerId::parse("alice").unwrap());
    Api::default()
        .get("/known", Policy::Anybody, async move || tried(alice()))
        .get("/unknown", Policy::Anybody, async || tried(None))
        .get("/api/v1/admin/orders", ADMIN, welcome)
        .get("/api/v1/admin/orders/{id}/refunds", ADMIN, welcome)
        .get("/api/v1/orders/{id}", OWN, foreign)
        .get("/api/v1/missing/{id}", OWN, missing)
        .get("/api/v1/limited", OWN, limited)
        .get("/api/v1/mine", OWN, welcome)
}

#[tokio::test]
async fn what_a_principal_may_not_is_handed_on_with_who_and_from_where() {
    let kept = Kept::default();
    let router = kept.router();
    let path = format!("/api/v1/admin/orders/{ORDER}/refunds");
    assert_eq!(kept.ask(&router, &path, true).await, StatusCode::FORBIDDEN);
    let [refusal] = &kept.all()[..] else {
        panic!("one refusal");
    };
    assert_eq!(refusal.action, "GET /api/v1/admin/orders/{id}/refunds");
    assert_eq!(refusal.object, format!("order/{ORDER}"));
    assert_eq!(refusal.reason, "forbidden");
    assert!(refusal.is_told);
    let author = &refusal.author;
    assert_eq!(author.kind, AuthorKind::Account);
    assert_eq!(author.subject.as_ref().unwrap().as_str(), "c-1");
    assert_eq!(author.from.address.as_deref(), Some("192.0.2.77"));
    // The id of the trace: what the caller wrote as an id of the request is not for ever.
    let trace = format!("{:032x}", 1);
    assert_eq!(author.from.request, Some(trace));
}

#[tokio::test]
async fn what_is_somebody_else_s_is_handed_on_and_what_is_not_there_is_not() {
    let kept = Kept::default();
    let router = kept.router();
    for path in ["missing/7", "limited", "mine", "nowhere"] {
        kept.ask(&router, &format!("/api/v1/{path}"), true).await;
    }
    assert_eq!(kept.all(), []);
    let path = format!("/api/v1/orders/{ORDER}");
    assert_eq!(kept.ask(&router, &path, true).await, StatusCode::NOT_FOUND);
    assert_eq!(kept.all()[0].object, format!("order/{ORDER}"));
}

#[tokio::test]
async fn whom_nobody_knows_is_not_handed_on() {
    let kept = Kept::default();
    let router = kept.router();
    let status = kept.ask(&router, "/api/v1/admin/orders", false).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(kept.all(), []);
}

#[tokio::test]
async fn one_of_a_minute_is_handed_on_and_the_next_says_how_many_there_were() {
    let kept = Kept::default();
    let router = kept.router();
    for _ in 0..1_000 {
        kept.ask(&router, "/api/v1/admin/orders", true).await;
    }
    assert_eq!(kept.all().len(), 1);
    let other = format!("/api/v1/orders/{ORDER}");
    kept.ask(&router, &other, true).await;
    assert_eq!(kept.all().len(), 2, "each route by itself");
    kept.wait(60);
    kept.ask(&router, "/api/v1/admin/orders", true).await;
    let last = kept.all().pop().unwrap();
    assert_eq!(last.reason, "forbidden; 999 more before");
    assert_eq!(last.object, "route/api/v1/admin/orders");
}

/// Otherwise the time of an answer would tell who has an account.
#[tokio::test]
async fn a_try_at_an_account_that_is_not_there_is_noted_and_not_told() {
    let kept = Kept::default();
    let router = kept.router();
    for path in ["/known", "/unknown"] {
        for _ in 0..3 {
            kept.ask(&router, path, false).await;
        }
    }
    let [known, unknown] = &kept.all()[..] else {
        panic!("one of each");
    };
    assert_eq!((known.is_told, unknown.is_told), (true, false));
    assert_eq!(known.object, "account/alice");
    assert_eq!(known.author.kind, AuthorKind::Anybody);
    let address = "a@b.example";
    assert!(!format!("{:?} {}", known.author, known.object).contains(address));
}

#[tokio::test]
async fn an_answer_waits_a_moment_and_never_fails_for_its_refusal() {
    let began = std::time::Instant::now();
    for (down, hangs) in [(true, false), (false, true)] {
        let kept = Kept {
            down,
            hangs,
            ..Kept::default()
        };
        let status = kept.ask(&kept.router(), "/api/v1/admin/orders", true).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert_eq!(kept.all().len(), 1);
    }
    let generous = 10 * PATIENCE;
    assert!(began.elapsed() <= generous);
}

/// Whatever else is in a path is not taken into a log that nobody can change.
#[test]
fn an_object_is_an_id_of_ours_or_the_route() {
    let key = ApiKeyId(Uuid::from_u128(7));
    for (route, path, expected) in [
        ("/api/v1/users/{id}", ORDER, format!("account/{ORDER}")),
        (
            "/api/v1/api-keys/{id}",
            &key.to_string(),
            format!("api-key/{key}"),
        ),
        (
            "/api/v1/users/{id}",
            "ada@example.org",
            "route/api/v1/users/{id}".to_owned(),
        ),
        (
            "/api/v1/users/{id}",
            &ORDER.replace('-', ""),
            "route/api/v1/users/{id}".to_owned(),
        ),
        ("/api/v1/orders", "", "route/api/v1/orders".to_owned()),
    ] {
        let path = route.replace("{id}", path);
        assert_eq!(object(route, &path), expected);
    }
}

#[test]
fn a_process_counts_so_many_at_most() {
    let refusals = Refusals::new(Kept::default(), || Timestamp::UNIX_EPOCH);
    let (first, later) = (Timestamp::UNIX_EPOCH, Timestamp::from_second(60).unwrap());
    let counted = |at| {
        let asked = (0..MOST + 10).filter(|n| refusals.count(&n.to_string(), at).is_some());
        asked.count()
    };
    assert_eq!(counted(first), MOST);
    assert_eq!(counted(later), MOST);
}
