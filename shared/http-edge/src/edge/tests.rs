//! The whole stack around a small router.

use axum::http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tower::ServiceExt;

mod browsers;
mod log;

use super::*;
use crate::token::tests::{FORGE, claims, now, signing_key, verifier};
use crate::{Json, Role};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    lines: Vec<u32>,
}

async fn whoami(who: Caller, correlation: Correlation) -> Json<Value> {
    let trace = correlation.trace().map(|trace| trace.to_string());
    Json(json!({"subject": who.principal.subject.as_str(), "trace": trace}))
}

async fn broken() -> StatusCode {
    let nothing: Option<StatusCode> = None;
    assert!(nothing.is_some(), "a made-up invariant");
    StatusCode::OK
}

fn routes(policy: Policy) -> Api {
    Api::default()
        .post("/orders", policy, async |Json(order): Json<Order>| {
            Json(order)
        })
        .get(
            "/orders/{number}",
            policy,
            async |number: axum::extract::Path<u32>| number.to_string(),
        )
        .get("/whoami", policy, whoami)
        .get("/broken", policy, broken)
        .get("/slow", policy, std::future::pending::<StatusCode>)
        .post("/ignores-its-body", policy, async || "fine")
        .get("/cached", policy, async || {
            ([(header::CACHE_CONTROL, "max-age=5")], "fine")
        })
}

fn new_id() -> Uuid {
    Uuid::from_u128(0xabcd_8000_0000_0000_0001)
}

fn protected() -> Router {
    let options = Options::protected(verifier(), now, new_id);
    edge(routes(Policy::Owner(&[])), options)
}

fn public() -> Router {
    edge(routes(Policy::Anybody), Options::public(new_id))
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    fn slug(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json");
        let body: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(body["status"], self.status);
        let kind = body["type"].as_str().unwrap();
        kind.strip_prefix("https://cartwright.example/problems/")
            .unwrap()
            .to_owned()
    }
}

async fn ask(router: Router, request: Request) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

fn request(method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Request {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    request.body(body.into()).unwrap()
}

fn get_request(path: &str, headers: &[(&str, &str)]) -> Request {
    request(Method::GET, path, headers, Body::empty())
}

fn json_request(path: &str, body: impl Into<Body>) -> Request {
    request(
        Method::POST,
        path,
        &[("content-type", "application/json")],
        body,
    )
}

#[tokio::test]
async fn a_route_learns_who_is_asking_and_under_which_trace() {
    let token = format!("Bearer {}", signing_key().mint(&claims()).unwrap());
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let headers = [("authorization", token.as_str()), ("traceparent", trace)];
    let answer = ask(protected(), get_request("/whoami", &headers)).await;
    assert_eq!(answer.status, 200);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let ours = "00-0af7651916cd43dd8448eb211c80319c-8000000000000001-01";
    assert_eq!(body, json!({"subject": "c-1", "trace": ours}));
    assert_eq!(answer.header("traceparent"), ours);
}

#[tokio::test]
async fn everything_that_can_be_wrong_with_a_token_gets_one_and_the_same_answer() {
    let router = protected();
    let bare = ask(router.clone(), get_request("/whoami", &[])).await;
    assert_eq!(bare.slug(), "unauthorised");
    assert_eq!(bare.header("www-authenticate"), "Bearer");
    for shown in FORGE.shown() {
        let headers = shown.headers.iter();
        let headers: Vec<_> = headers
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let path = format!("/whoami{}", shown.query);
        let answer = ask(router.clone(), get_request(&path, &headers)).await;
        let what = shown.what;
        assert_eq!(answer.status, 401, "{what}");
        assert_eq!(answer.body, bare.body, "{what}");
        assert_eq!(answer.headers, bare.headers, "{what}");
    }
}

#[tokio::test]
async fn without_a_token_not_even_the_body_is_looked_at() {
    let answer = ask(protected(), json_request("/orders", "{")).await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn an_unknown_route_is_not_found() {
    for router in [
        protected(),
        public(),
        edge(Api::default(), Options::public(new_id)),
    ] {
        let answer = ask(router, get_request("/nowhere", &[])).await;
        assert_eq!((answer.status, answer.slug().as_str()), (404, "not-found"));
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    for router in [protected(), public()] {
        let answer = ask(router, get_request("/orders", &[])).await;
        assert_eq!(
            (answer.status, answer.slug().as_str()),
            (405, "method-not-allowed")
        );
        assert_eq!(answer.header("allow"), "POST");
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_too_large_even_for_a_route_that_ignores_it() {
    for path in ["/orders", "/ignores-its-body"] {
        let large = vec![b' '; BODY_LIMIT + 1];
        let answer = ask(public(), json_request(path, large)).await;
        assert_eq!(
            (answer.status, answer.slug().as_str()),
            (413, "body-too-large")
        );
    }
}

#[tokio::test]
async fn a_body_at_the_limit_is_read() {
    let mut body = br#"{"lines":[1]}"#.to_vec();
    body.resize(BODY_LIMIT, b' ');
    let answer = ask(public(), json_request("/orders", body)).await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (200, r#"{"lines":[1]}"#)
    );
}

#[tokio::test]
async fn refusals_of_the_body_are_problems() {
    for (body, slug) in [
        ("{", "malformed-json"),
        (r#"{"lines":[],"extra":1}"#, "unexpected-body"),
    ] {
        let answer = ask(public(), json_request("/orders", body)).await;
        assert_eq!((answer.status, answer.slug().as_str()), (400, slug));
    }
}

#[tokio::test]
async fn a_path_that_cannot_be_read_is_a_problem() {
    let answer = ask(public(), get_request("/orders/x", &[])).await;
    assert_eq!(
        (answer.status, answer.slug().as_str()),
        (400, "bad-request")
    );
}

#[tokio::test]
async fn a_panic_is_a_problem_without_details() {
    let answer = ask(public(), get_request("/broken", &[])).await;
    assert_eq!((answer.status, answer.slug().as_str()), (500, "internal"));
    assert!(!answer.body.contains("invariant"));
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn every_answer_has_its_ids_and_security_headers() {
    for path in ["/cached", "/nowhere", "/orders"] {
        let answer = ask(public(), get_request(path, &[("x-request-id", "r-1")])).await;
        assert_eq!(answer.header("x-request-id"), "r-1");
        assert!(!answer.header("traceparent").is_empty());
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(
            answer
                .header("strict-transport-security")
                .starts_with("max-age=")
        );
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors 'none'")
        );
        let kept = if path == "/cached" {
            "max-age=5"
        } else {
            "no-store"
        };
        assert_eq!(answer.header("cache-control"), kept);
    }
}

#[tokio::test]
async fn a_function_without_a_verifier_lets_nobody_in_where_somebody_is_asked_for() {
    let token = format!("Bearer {}", signing_key().mint(&claims()).unwrap());
    let headers = [("authorization", token.as_str())];
    for policy in [Policy::Owner(&[]), Policy::Only(&[Role::Customer])] {
        let router = edge(routes(policy), Options::public(new_id));
        let answer = ask(router, get_request("/whoami", &headers)).await;
        assert_eq!(answer.status, 401);
    }
}

#[tokio::test]
async fn a_route_for_anybody_learns_of_nobody() {
    let token = format!("Bearer {}", signing_key().mint(&claims()).unwrap());
    let headers = [("authorization", token.as_str())];
    let options = Options::protected(verifier(), now, new_id);
    let router = edge(routes(Policy::Anybody), options);
    let answer = ask(router.clone(), get_request("/whoami", &headers)).await;
    assert_eq!(answer.status, 401);
    assert_eq!(ask(router, get_request("/cached", &[])).await.status, 200);
}

#[tokio::test]
async fn those_without_the_role_of_a_route_are_refused_before_their_body_is_looked_at() {
    let token = format!("Bearer {}", signing_key().mint(&claims()).unwrap());
    let ask_as_customer = async |roles: &'static [Role]| {
        let options = Options::protected(verifier(), now, new_id);
        let router = edge(routes(Policy::Only(roles)), options);
        let headers = [
            ("authorization", token.as_str()),
            ("content-type", "application/json"),
        ];
        ask(router, request(Method::POST, "/orders", &headers, "{")).await
    };
    let refused = ask_as_customer(&[Role::Support, Role::Admin]).await;
    assert_eq!(
        (refused.status, refused.slug().as_str()),
        (403, "forbidden")
    );
    let nobody = ask_as_customer(&[]).await;
    assert_eq!(nobody.status, 403);
    let admitted = ask_as_customer(&[Role::Admin, Role::Customer]).await;
    assert_eq!(admitted.slug(), "malformed-json");
}

#[tokio::test]
async fn what_takes_too_long_is_answered_like_everything_else() {
    let mut request = get_request("/slow", &[("x-request-id", "r-1")]);
    request.extensions_mut().insert(AnswerBy(Instant::now()));
    let answer = ask(public(), request).await;
    assert_eq!(
        (answer.status, answer.slug()),
        (503, "unavailable".to_owned())
    );
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(answer.header("x-request-id"), "r-1");
    assert!(
        answer
            .header("strict-transport-security")
            .starts_with("max-age")
    );
    assert!(!answer.header("traceparent").is_empty());
}
