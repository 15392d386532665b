//! What is refused, and that nothing is stored or told then.

use super::*;

#[tokio::test]
async fn a_taken_address_is_a_conflict() {
    let shop = Shop::new();
    shop.register("alice").await;
    let again = shop.register("Alice").await;
    assert_eq!(again.problem(), (409, "address-taken".to_owned()));
}

#[tokio::test]
async fn a_registration_that_cannot_be_is_refused_and_nothing_is_stored() {
    let shop = Shop::new();
    for (field, value, expected) in [
        ("email", json!("nobody"), (422, "invalid-body")),
        (
            "email",
            json!("a@b.org\nBcc: c@d.org"),
            (422, "invalid-body"),
        ),
        ("email", json!(7), (400, "unexpected-body")),
        ("password", json!("short"), (422, "invalid-body")),
        ("password", json!("x".repeat(129)), (422, "invalid-body")),
        ("name", json!(""), (422, "invalid-body")),
        ("name", json!("a\u{1b}[31mb"), (422, "invalid-body")),
        ("roles", json!(["admin"]), (400, "unexpected-body")),
        ("tenant", json!("other"), (400, "unexpected-body")),
    ] {
        let mut body = registration("alice");
        body[field] = value;
        let (status, slug) = shop.post("/api/v1/users", body).await.problem();
        assert_eq!((status, slug.as_str()), expected, "{field}");
    }
    assert_eq!(shop.store.calls(), 0);
}

#[tokio::test]
async fn a_profile_is_all_that_its_owner_can_change() {
    let shop = Shop::new();
    let alice = shop.member("alice").await;
    let profile = json!({"name": "Alice", "preferences": {"email": true, "sms": false}});
    for field in [
        "roles", "email", "status", "tenant", "user_id", "password", "version",
    ] {
        let mut body = profile.clone();
        body[field] = json!("admin");
        let answer = shop.ask(alice.put(&alice.path(), "\"1\"", &body)).await;
        assert_eq!(
            answer.problem(),
            (400, "unexpected-body".to_owned()),
            "{field}"
        );
    }
    let blind = Ask::put(&alice.path(), profile).with_token(&alice.token);
    assert_eq!(shop.ask(blind).await.status, 428);
}

#[tokio::test]
async fn nobody_changes_the_password_of_another_not_even_those_who_run_the_shop() {
    let shop = Shop::new();
    let (alice, dora) = (shop.member("alice").await, shop.admin().await);
    let body = json!({"current_password": PASSWORD, "new_password": "a better password"});
    let path = format!("{}/password", alice.path());
    let tried = Ask::post(&path, body).with_token(&dora.token);
    assert_eq!(
        shop.ask(tried).await.problem(),
        (404, "not-found".to_owned())
    );
    assert!(shop.signs_in("alice", PASSWORD).await);
}

#[tokio::test]
async fn a_store_that_is_down_is_told_as_unavailable() {
    let shop = Shop::new();
    let alice = shop.member("alice").await;
    shop.store.fail(true);
    let asks = [
        shop.register("bob").await,
        shop.ask(alice.get(&alice.path())).await,
    ];
    for answer in asks {
        assert_eq!(answer.problem(), (503, "unavailable".to_owned()));
        assert_eq!(answer.header("retry-after"), "1");
    }
}

/// I16: what is secret is in no answer but the one that gives it out.
#[tokio::test]
async fn no_answer_shows_a_password_or_its_hash() {
    let shop = Shop::new();
    let alice = shop.member("alice").await;
    let kept = shop.store.accounts().remove(0).password.0;
    let answers = [
        shop.register("alice").await,
        shop.register("bob").await,
        shop.ask(alice.get(&alice.path())).await,
    ];
    for answer in answers {
        assert!(!answer.body.contains(PASSWORD), "{}", answer.body);
        assert!(!answer.body.contains("argon2"), "{}", answer.body);
        assert!(!answer.body.contains(&kept), "{}", answer.body);
    }
}

#[tokio::test]
async fn one_address_registers_so_often() {
    let store = FakeAccounts::default();
    let counters = FakeCounters::default();
    let limits = Limits::new(counters, Rates::default(), || at(0));
    let routes = protect_limited(api(app(store.clone())), limits);
    let mut answers = Vec::new();
    for number in 0..25 {
        let body = registration(&format!("{number}@"));
        let ask = Ask::post("/api/v1/users", body).from_address("203.0.113.7");
        let answer = ask.to(&routes).await;
        answers.push(answer.status);
    }
    assert_eq!(answers[..20], [422; 20]);
    assert_eq!(answers[20..], [429; 5]);
    assert_eq!(store.calls(), 0);
}
