//! Answers of a route that is asked again, against claims in memory.

use std::cell::Cell;

use testkit::build::{at, customer, tenant};
use testkit::fakes::{FakeClaims, Fault};

use super::*;

const ROUTE: &str = "POST /api/v1/things";

struct Route {
    claims: FakeClaims,
    effects: Cell<u32>,
    runs: Cell<u128>,
    write: Write,
}

/// Who asks, under which key, for what.
type Sent<'a> = (&'a str, &'a str, &'a str);

const SENT: Sent<'static> = ("alice", "key-1", "a");

impl Route {
    fn with(write: Write) -> Self {
        Self {
            claims: FakeClaims::default(),
            effects: Cell::new(0),
            runs: Cell::new(1),
            write,
        }
    }

    /// One request, and when.
    async fn ask(&self, sent: Sent<'_>, second: i64) -> Result<Given, Problem> {
        let done = async || {
            self.effects.set(self.effects.get() + 1);
            let location = [(header::LOCATION, "/there")];
            Ok((StatusCode::CREATED, location, "{\"made\": 1}").into_response())
        };
        self.ask_for(sent, second, done).await
    }

    async fn ask_for(
        &self,
        (who, key, asked): Sent<'_>,
        second: i64,
        work: impl AsyncFnOnce() -> Result<Response, Failed<Problem>>,
    ) -> Result<Given, Problem> {
        let (tenant, subject) = (tenant(), customer(who));
        let key = IdempotencyKey::of(&headers(&[key]))?;
        let asked = [asked.as_bytes()];
        let once = Once {
            tenant: &tenant,
            subject: &subject,
            route: ROUTE,
            key: &key,
            asked: &asked,
            write: self.write,
        };
        let run = Uuid::from_u128(self.runs.replace(self.runs.get() + 1));
        let response = answer_once(&self.claims, &once, (run, at(second)), work).await?;
        Ok(Given::read(response).await)
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Given {
    status: u16,
    location: String,
    replayed: bool,
    body: String,
}

impl Given {
    async fn read(response: Response) -> Self {
        let header = |name: &HeaderName| {
            let value = response.headers().get(name);
            value.map_or("", |value| value.to_str().unwrap()).to_owned()
        };
        let (location, replayed) = (header(&header::LOCATION), header(&REPLAYED) == "true");
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Self {
            status,
            location,
            replayed,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }
}

fn headers(keys: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for key in keys {
        headers.append(IDEMPOTENCY_KEY, HeaderValue::from_str(key).unwrap());
    }
    headers
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer_marked_as_replayed() {
    let route = Route::with(Write::Conditional);
    let first = route.ask(SENT, 0).await.unwrap();
    assert_eq!((first.status, first.replayed), (201, false));
    assert_eq!(first.location, "/there");
    let again = route.ask(SENT, 60).await.unwrap();
    let expected = Given {
        replayed: true,
        ..first
    };
    assert_eq!(again, expected);
    assert_eq!(route.effects.get(), 1);
}

#[tokio::test]
async fn a_key_is_its_owners() {
    let route = Route::with(Write::Conditional);
    for (who, key) in [("alice", "key-1"), ("bob", "key-1"), ("alice", "key-2")] {
        let first = route.ask((who, key, "a"), 0).await.unwrap();
        assert!(!first.replayed, "{who} {key}");
    }
    assert_eq!(route.effects.get(), 3);
}

#[tokio::test]
async fn a_key_of_another_request_is_422() {
    let route = Route::with(Write::Conditional);
    route.ask(SENT, 0).await.unwrap();
    let refused = route.ask(("alice", "key-1", "b"), 0).await.unwrap_err();
    assert_eq!(refused.status(), 422);
    assert_eq!(route.effects.get(), 1);
}

#[tokio::test]
async fn a_request_at_work_is_409_and_says_when_to_come_back() {
    let route = Route::with(Write::Once);
    let busy = async || {
        let meanwhile = route.ask(SENT, 10).await.unwrap_err();
        let response = meanwhile.into_response();
        assert_eq!(response.status(), 409);
        assert_eq!(response.headers()[header::RETRY_AFTER], "20");
        Ok(StatusCode::NO_CONTENT.into_response())
    };
    let first = route.ask_for(SENT, 0, busy).await.unwrap();
    assert_eq!(first.status, 204);
}

#[tokio::test]
async fn a_refusal_leaves_the_key_free() {
    let route = Route::with(Write::Once);
    let refuse = async || Err(Failed::Nothing(Problem::forbidden()));
    let refused = route.ask_for(SENT, 0, refuse).await;
    assert_eq!(refused.unwrap_err().status(), 403);
    let later = route.ask(SENT, 1).await.unwrap();
    assert!(!later.replayed);
}

#[tokio::test]
async fn what_may_have_happened_once_is_not_repeated() {
    let route = Route::with(Write::Once);
    let lose = async || Err(Failed::Unknown(Problem::internal()));
    route.ask_for(SENT, 0, lose).await.unwrap_err();
    let later = route.ask(SENT, 3_600).await.unwrap_err();
    assert_eq!(later.status(), 409);
    assert_eq!(route.effects.get(), 0);
}

#[tokio::test]
async fn a_store_that_fails_is_503() {
    let route = Route::with(Write::Conditional);
    route.claims.fail_next_write(Fault::FailBefore);
    let failed = route.ask(SENT, 0).await.unwrap_err();
    assert_eq!(failed.status(), 503);
    assert_eq!(route.effects.get(), 0);
}

#[tokio::test]
async fn a_key_that_is_not_needed_is_usable_or_not_there() {
    let read = async |keys: &[&str]| {
        let (mut parts, ()) = axum::http::Request::new(()).into_parts();
        parts.headers = headers(keys);
        <IdempotencyKey as OptionalFromRequestParts<()>>::from_request_parts(&mut parts, &()).await
    };
    assert_eq!(read(&[]).await.unwrap(), None);
    let key = read(&["k"]).await.unwrap();
    assert_eq!(key.unwrap().as_str(), "k");
    for keys in [&[""][..], &["a b"], &["a", "b"], &["a", "a"]] {
        let refused = read(keys).await.unwrap_err();
        assert_eq!(refused.status(), 400, "{keys:?}");
    }
}

#[test]
fn a_key_is_one_and_can_be_seen() {
    let longest = "k".repeat(MAX_KEY);
    assert_eq!(
        IdempotencyKey::of(&headers(&[&longest])).unwrap().as_str(),
        longest
    );
    let too_long = "k".repeat(MAX_KEY + 1);
    for keys in [&[][..], &[""], &["a b"], &[too_long.as_str()], &["a", "b"]] {
        let refused = IdempotencyKey::of(&headers(keys)).unwrap_err();
        assert_eq!(refused.status(), 400, "{keys:?}");
    }
}
