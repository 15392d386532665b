//! Requests that come with an `Idempotency-Key`.

use axum::http::StatusCode;
use testkit::fakes::Fault;

use super::*;

const IN_USE: (u16, &str) = (409, "idempotency-key-in-use");
const TAKEN: (u16, &str) = (409, "id-taken");

/// Longer than a request may be at work.
const DEADLINE: i64 = 31;
const A_WEEK: i64 = 7 * 24 * 3_600;

/// A product that is to get an id.
fn nameless() -> Value {
    let mut body = tea();
    body.as_object_mut().unwrap().remove("product_id");
    body
}

fn course() -> Value {
    json!({"title": "Soldering", "price": {"minor": 0, "currency": "EUR"}})
}

/// Both kinds, without ids.
fn kinds() -> [(&'static str, Value); 2] {
    [("products", nameless()), ("courses", course())]
}

impl Shop {
    async fn send(&self, (kind, key): (&str, &str), body: &Value) -> Answer {
        let ask = Ask::post(&format!("/api/v1/{kind}"), body);
        self.admin(ask.with("idempotency-key", key)).await
    }

    async fn listed(&self, kind: &str) -> usize {
        let list = self.get(&format!("/{kind}")).await.json();
        list[kind].as_array().unwrap().len()
    }

    /// The function dies after it stored the entry, and before it can say so.
    async fn send_and_die(&self, sent: (&str, &str), body: &Value) {
        self.claims.pass_next_write();
        self.claims.fail_next_write(Fault::FailBefore);
        let lost = self.send(sent, body).await;
        assert_eq!(lost.problem(), (503, "unavailable".to_owned()));
    }
}

fn assert_refused(answer: &Answer, (status, slug): (u16, &str)) {
    assert_eq!(answer.problem(), (status, slug.to_owned()));
}

fn assert_replays(first: &Answer, again: &Answer) {
    let told = |answer: &Answer| {
        let header = |name| answer.header(name).to_owned();
        let place = (header("location"), header("etag"), header("content-type"));
        (answer.status, place, answer.body.clone())
    };
    assert_eq!(told(first), told(again));
    let marks = [first, again].map(|answer| answer.header("idempotency-replayed"));
    assert_eq!(marks, ["", "true"]);
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer_and_makes_nothing() {
    for (kind, body) in kinds() {
        let shop = Shop::open();
        let first = shop.send((kind, "k"), &body).await;
        assert_eq!(first.status, 201, "{}", first.body);
        let place = first.header("location").replace("/api/v1", "");
        assert_eq!(shop.get(&place).await.json(), first.json());
        shop.later(DEADLINE);
        assert_replays(&first, &shop.send((kind, "k"), &body).await);
        assert_eq!(shop.listed(kind).await, 1);
        let another = shop.send((kind, "l"), &body).await;
        assert_eq!((another.status, shop.listed(kind).await), (201, 2));
    }
}

#[tokio::test]
async fn a_repeat_tells_what_was_created_whatever_became_of_it() {
    let shop = Shop::open();
    let first = shop.send(("products", "k"), &tea()).await;
    shop.later(5);
    let changed = shop.update("tea", "\"1\"", &dearer()).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    shop.later(A_WEEK - 10);
    assert_replays(&first, &shop.send(("products", "k"), &tea()).await);
    let now = shop.get("/products/tea").await.json();
    assert_eq!(now["price"]["minor"], 1300);
}

#[tokio::test]
async fn the_same_in_other_words_is_a_repeat() {
    let shop = Shop::open();
    let first = shop.send(("products", "k"), &tea()).await;
    let mut body = tea();
    body["status"] = json!("active");
    let ask = Ask::post("/api/v1/products", pretty(&body));
    let again = shop.admin(ask.with("idempotency-key", "k")).await;
    assert_replays(&first, &again);
}

#[tokio::test]
async fn a_key_of_another_body_is_refused() {
    for (kind, body) in kinds() {
        let shop = Shop::open();
        shop.send((kind, "k"), &body).await;
        let mut other = body;
        other["price"]["minor"] = json!(1);
        let refused = shop.send((kind, "k"), &other).await;
        assert_refused(&refused, (422, "idempotency-key-reused"));
        assert_eq!(shop.listed(kind).await, 1);
    }
}

#[tokio::test]
async fn a_key_is_of_one_caller_and_one_route() {
    let shop = Shop::open();
    let first = shop.send(("products", "k"), &nameless()).await;
    let ask = Ask::post("/api/v1/products", nameless()).with("idempotency-key", "k");
    let emil = ask.with_token(&token("emil", Role::Admin));
    let other = shop.ask(emil).await;
    assert_eq!(
        (other.status, other.header("idempotency-replayed")),
        (201, "")
    );
    assert_ne!(other.json()["product_id"], first.json()["product_id"]);
    let course = shop.send(("courses", "k"), &course()).await;
    assert_eq!((course.status, shop.listed("products").await), (201, 2));
}

#[tokio::test]
async fn what_a_dead_request_stored_is_answered_once_its_time_is_over() {
    for (kind, body) in kinds() {
        let shop = Shop::open();
        shop.send_and_die((kind, "k"), &body).await;
        shop.later(DEADLINE - 2);
        let busy = shop.send((kind, "k"), &body).await;
        assert_refused(&busy, IN_USE);
        assert_eq!(busy.header("retry-after"), "1");
        shop.later(2);
        let answer = shop.send((kind, "k"), &body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        assert_eq!(shop.listed(kind).await, 1);
        // Created when it was stored, not when it was told.
        assert_eq!(answer.json()["created_at"], "2026-07-20T12:00:00Z");
        assert_eq!(answer.json()["version"], 1);
        shop.later(1);
        assert_replays(&answer, &shop.send((kind, "k"), &body).await);
    }
}

#[tokio::test]
async fn what_was_changed_meanwhile_is_not_told_as_new() {
    let shop = Shop::open();
    shop.send_and_die(("products", "k"), &tea()).await;
    assert_eq!(shop.update("tea", "\"1\"", &dearer()).await.status, 200);
    shop.later(DEADLINE);
    let refused = shop.send(("products", "k"), &tea()).await;
    assert_refused(&refused, TAKEN);
}

#[tokio::test]
async fn a_store_that_fails_frees_the_key() {
    let shop = Shop::open();
    shop.catalogue.fail_next_read();
    let lost = shop.send(("products", "k"), &nameless()).await;
    assert_refused(&lost, (503, "unavailable"));
    assert_eq!(shop.claims.all(), []);
    let answer = shop.send(("products", "k"), &nameless()).await;
    assert_eq!((answer.status, shop.listed("products").await), (201, 1));
}

#[tokio::test]
async fn a_refusal_frees_the_key() {
    let shop = Shop::open();
    shop.create("products", &tea()).await;
    let mut mug = tea();
    mug["name"] = json!("Mug");
    let refused = shop.send(("products", "k"), &mug).await;
    assert_refused(&refused, TAKEN);
    assert_eq!(shop.claims.all(), []);
    mug["price"]["minor"] = json!(-1);
    let refused = shop.send(("products", "k"), &mug).await;
    assert_refused(&refused, (422, "invalid-body"));
    assert_eq!(shop.claims.all(), []);
    let answer = shop.send(("products", "k"), &nameless()).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
}

#[tokio::test]
async fn a_key_that_cannot_be_one_is_refused() {
    let shop = Shop::open();
    for keys in [&[""][..], &["a b"], &["k", "k"]] {
        for (kind, body) in kinds() {
            let ask = Ask::post(&format!("/api/v1/{kind}"), body);
            let ask = keys
                .iter()
                .fold(ask, |ask, key| ask.with("idempotency-key", key));
            let refused = shop.admin(ask).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{keys:?}");
            assert_refused(&refused, (400, "idempotency-key"));
        }
    }
    assert_eq!(
        shop.listed("products").await + shop.listed("courses").await,
        0
    );
}
