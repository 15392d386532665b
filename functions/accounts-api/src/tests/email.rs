//! Moving an account to another address.

use domain::{AccountEvent, CustomerId, Link, LinkPurpose};

use super::*;

const THERE: &str = "liddell@example.org";

fn change(whom: &Member, email: &str, password: &str) -> Ask {
    let body = json!({"email": email, "password": password});
    Ask::post(&format!("{}/email", whom.path()), body).with_token(&whom.token)
}

#[tokio::test]
async fn an_account_moves_to_another_address_by_its_password() {
    let shop = Shop::new();
    let alice = shop.member("alice").await;
    let moved = shop.ask(change(&alice, " Liddell@example.org ", PASSWORD));
    let moved = moved.await;
    assert_eq!((moved.status, moved.body.as_str()), (204, ""));
    let seen = shop.ask(alice.get(&alice.path())).await.json();
    assert_eq!(seen["email"], "Liddell@example.org");
    assert_eq!(seen["email_verified"], false);
    let stored = shop.stored(&alice.id);
    assert_eq!(stored.last, AccountEvent::EmailChanged);
    assert_eq!(stored.epoch, 1, "her sessions have ended");
    assert!(!shop.signs_in("alice", PASSWORD).await);
    assert!(shop.signs_in("liddell", PASSWORD).await);
    let authors = shop.store.authors();
    let author = authors[1].as_ref().unwrap();
    let subject = author.subject.as_ref().map(CustomerId::as_str);
    assert_eq!(subject, Some(alice.id.as_str()));
}

#[tokio::test]
async fn the_old_address_is_somebody_elses_to_register() {
    let shop = Shop::new();
    let alice = shop.member("alice").await;
    assert_eq!(shop.ask(change(&alice, THERE, PASSWORD)).await.status, 204);
    assert_eq!(shop.register("liddell").await.status, 409);
    assert_eq!(shop.register("alice").await.status, 201);
}

#[tokio::test]
async fn links_to_the_old_address_are_dead_and_one_goes_to_the_new() {
    let shop = Shop::new();
    let alice = shop.member("alice").await;
    let who = (&tenant(), &email("alice@example.org"));
    let asked = identity::request_reset(&shop.store, who, new_id(), at(0));
    asked.await.unwrap();
    let good = |purpose| shop.stored(&alice.id).takes(purpose, 1, at(1));
    assert!(LinkPurpose::ALL.into_iter().all(good));
    assert_eq!(shop.ask(change(&alice, THERE, PASSWORD)).await.status, 204);
    assert!(!LinkPurpose::ALL.into_iter().any(good));
    let made_at = Some(at(0));
    assert_eq!(
        shop.stored(&alice.id).verification,
        Link { number: 2, made_at }
    );
}

#[tokio::test]
async fn the_same_address_changes_nothing() {
    let shop = Shop::new();
    let alice = shop.member("alice").await;
    let before = shop.stored(&alice.id);
    for same in ["alice@example.org", "ALICE@Example.org"] {
        let answer = shop.ask(change(&alice, same, PASSWORD)).await;
        assert_eq!(answer.status, 204, "{same}");
    }
    assert_eq!(shop.stored(&alice.id), before);
    // It is asked for the password all the same.
    let wrong = shop.ask(change(&alice, "alice@example.org", "a guess at it"));
    assert_eq!(wrong.await.problem(), (403, "wrong-password".to_owned()));
}

#[tokio::test]
async fn an_address_that_cannot_be_had_is_refused_and_nothing_is_stored() {
    let shop = Shop::new();
    let (alice, _) = (shop.member("alice").await, shop.member("bob").await);
    let before = shop.stored(&alice.id);
    for (email, password, status, slug) in [
        ("Bob@example.org", PASSWORD, 409, "address-taken"),
        (THERE, "a guess at it", 403, "wrong-password"),
        ("Bob@example.org", "a guess at it", 403, "wrong-password"),
        (THERE, &"x".repeat(129), 422, "invalid-body"),
        ("nobody", PASSWORD, 422, "invalid-body"),
        ("a@b.org\nBcc: c@d.org", PASSWORD, 422, "invalid-body"),
        (PASSWORD, PASSWORD, 422, "invalid-body"),
    ] {
        let refused = shop.ask(change(&alice, email, password)).await;
        assert_eq!(refused.problem(), (status, slug.to_owned()), "{email}");
    }
    let path = format!("{}/email", alice.path());
    for body in [
        json!({"email": THERE}),
        json!({"email": THERE, "password": PASSWORD, "email_verified": true}),
        json!({"email": 7, "password": PASSWORD}),
    ] {
        let refused = Ask::post(&path, body).with_token(&alice.token);
        let refused = shop.ask(refused).await;
        assert_eq!(refused.problem(), (400, "unexpected-body".to_owned()));
    }
    assert_eq!(shop.stored(&alice.id), before);
    assert!(shop.signs_in("alice", PASSWORD).await);
}

#[tokio::test]
async fn nobody_moves_the_account_of_another_not_even_those_who_run_the_shop() {
    let shop = Shop::new();
    let (alice, bob) = (shop.member("alice").await, shop.member("bob").await);
    let dora = shop.admin().await;
    let body = json!({"email": THERE, "password": PASSWORD});
    let path = format!("{}/email", alice.path());
    let mut bodies = Vec::new();
    for who in [&bob, &dora] {
        let answer = Ask::post(&path, &body).with_token(&who.token);
        let answer = shop.ask(answer).await;
        assert_eq!(answer.problem(), (404, "not-found".to_owned()));
        bodies.push(answer.body);
    }
    let nobody = Ask::post("/api/v1/users/nobody/email", &body).with_token(&bob.token);
    assert_eq!(shop.ask(nobody).await.body, bodies[0]);
    let stranger = shop.ask(Ask::post(&path, &body)).await;
    assert_eq!(stranger.problem(), (401, "unauthorised".to_owned()));
    assert!(shop.signs_in("alice", PASSWORD).await);
}

#[tokio::test]
async fn who_stole_a_token_does_not_guess_the_password_here_either() {
    let shop = Shop::new();
    let alice = shop.member("alice").await;
    let limits = Limits::new(FakeCounters::default(), Rates::default(), || at(0));
    let limited = protect_limited(api(app(shop.store.clone())), limits);
    for _ in 0..Rates::default().guess {
        let wrong = change(&alice, THERE, "a guess at it").to(&limited).await;
        assert_eq!(wrong.problem(), (403, "wrong-password".to_owned()));
    }
    let right = change(&alice, THERE, PASSWORD);
    let right = right.to(&limited).await;
    assert_eq!(right.problem(), (429, "too-many-requests".to_owned()));
    assert_eq!(shop.stored(&alice.id).epoch, 0, "it was not looked at");
    // The tries of the one route are those of the other.
    let body = json!({"current_password": PASSWORD, "new_password": "a better password"});
    let other = Ask::post(&format!("{}/password", alice.path()), body).with_token(&alice.token);
    assert_eq!(other.to(&limited).await.status, 429);
    let elsewhere = change(&alice, THERE, PASSWORD).from_address("203.0.113.9");
    assert_eq!(elsewhere.to(&limited).await.status, 204);
}

#[tokio::test]
async fn who_moves_on_at_once_is_told_when_to_come_again() {
    let shop = Shop::new();
    let alice = shop.member("alice").await;
    assert_eq!(shop.ask(change(&alice, THERE, PASSWORD)).await.status, 204);
    let soon = change(&alice, "elsewhere@example.org", PASSWORD);
    let limits = Limits::new(FakeCounters::default(), Rates::default(), || at(0));
    let limited = protect_limited(api(app(shop.store.clone())), limits);
    let soon = soon.to(&limited).await;
    assert_eq!(soon.problem(), (429, "too-many-requests".to_owned()));
    assert_eq!(soon.header("retry-after"), "301");
    assert_eq!(soon.header("ratelimit-policy"), "\"user\";q=1000;w=60");
    assert_eq!(shop.stored(&alice.id).email, email(THERE));
}
