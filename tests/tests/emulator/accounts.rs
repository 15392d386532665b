//! Somebody comes, registers, signs in, buys, stays signed in and signs out; forgets a password; and
//! another service comes with a key.

use std::collections::BTreeMap;

use domain::ports::Load;
use domain::{CustomerId, Order};
use futures::future::join_all;
use http_edge::Role;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{must, must_have};
use tests::emulator::audit_log::entries_of;
use tests::emulator::faults::{listen, parcel};
use tests::emulator::mails::texts_to;
use tests::emulator::probe::published;
use tests::emulator::shop::{Answer, SOON, Shop};
use tests::emulator::wait::until;

const PASSWORD: &str = "correct horse battery";

fn registration(email: &str) -> Value {
    json!({"email": email, "password": PASSWORD, "name": "A. Buyer"})
}

fn text(answer: &Answer, name: &str) -> String {
    let body = answer.json();
    must_have(body[name].as_str()).to_owned()
}

async fn sign_in(shop: &Shop, email: &str) -> Answer {
    let who = json!({"email": email, "password": PASSWORD});
    let answer = shop.send("/auth/login", &who).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

async fn read(shop: &Shop, path: &str, token: &str) -> Answer {
    let request = shop.request(Method::GET, path);
    shop.ask(request.bearer_auth(token)).await
}

#[tokio::test]
async fn who_registers_signs_in_buys_and_gets_the_parcel() {
    let shop = Shop::open("accounts").await;
    shop.sell("tea", 1_200, 10).await;
    let email = format!("{}@example.test", shop.name());
    let registered = shop.send("/users", &registration(&email)).await;
    assert_eq!(registered.status, 201, "{}", registered.body);
    let user = text(&registered, "user_id");
    let signed_in = sign_in(&shop, &email).await;
    let access = text(&signed_in, "access_token");
    let profile = read(&shop, &format!("/users/{user}"), &access).await;
    assert_eq!(profile.json(), registered.json());
    let cart = shop.cart(&[("tea", 1)]).by(&user);
    listen(&shop.stack, cart.id()).await;
    let placed = shop.post_with(&cart, &access).await;
    assert_eq!(placed.status, 201, "{}", placed.body);
    shop.ends(&cart, SOON, "confirmed", None).await;
    let own = read(&shop, "/orders", &access).await;
    assert_eq!(own.json()["orders"][0]["order_id"], cart.id().to_string());
    for (action, status) in [("ship", "shipped"), ("deliver", "delivered")] {
        parcel(&shop.stack, cart.id(), action).await;
        let path = format!("/orders/{}", cart.id());
        let look = || async {
            let order = read(&shop, &path, &access).await.json();
            (order["status"] == status).then_some(order)
        };
        let order = until(status, SOON, look).await;
        assert!(order["tracking_number"].is_string(), "{order}");
    }
    let story = read(&shop, &format!("/orders/{}/timeline", cart.id()), &access).await;
    let story = story.json();
    let kinds = story["events"].as_array().map_or(0, Vec::len);
    assert!(kinds >= 8, "{story}");
    shop.check().await;
}

#[tokio::test]
async fn a_session_goes_on_until_it_is_ended() {
    let shop = Shop::open("sessions").await;
    let email = format!("{}@example.test", shop.name());
    let registered = shop.send("/users", &registration(&email)).await;
    let path = format!("/users/{}", text(&registered, "user_id"));
    let signed_in = sign_in(&shop, &email).await;
    let refresh = async |token: &str| {
        let body = json!({"refresh_token": token});
        shop.send("/auth/refresh", &body).await
    };
    let first = text(&signed_in, "refresh_token");
    // Two tabs at once live on one successor (F31).
    let (one, other) = futures::join!(refresh(&first), refresh(&first));
    assert_eq!((one.status, other.status), (200, 200), "{one:?} {other:?}");
    let second = text(&one, "refresh_token");
    assert_eq!(second, text(&other, "refresh_token"));
    let seen = read(&shop, &path, &text(&one, "access_token")).await;
    assert_eq!(seen.status, 200);
    let out = shop
        .send("/auth/logout", &json!({"refresh_token": second}))
        .await;
    assert_eq!((out.status, out.body.as_str()), (204, ""));
    assert_eq!(refresh(&second).await.status, 401);
    shop.check().await;
}

/// Who shows a token of two turns ago is not its owner: nobody is signed in any more, and it is told.
#[tokio::test]
async fn a_token_that_was_used_up_ends_the_session_and_is_told() {
    let shop = Shop::open("thief").await;
    let email = format!("{}@example.test", shop.name());
    let user = text(&shop.send("/users", &registration(&email)).await, "user_id");
    let refresh = async |token: &str| {
        let body = json!({"refresh_token": token});
        shop.send("/auth/refresh", &body).await
    };
    let first = text(&sign_in(&shop, &email).await, "refresh_token");
    let second = text(&refresh(&first).await, "refresh_token");
    let third = text(&refresh(&second).await, "refresh_token");
    for token in [&first, &second, &third] {
        assert_eq!(refresh(token).await.status, 401);
    }
    let account = format!("account/{user}");
    let told = || async {
        let entries = entries_of(&shop, &account).await;
        let mut actions = entries.into_iter().map(|entry| entry.record.action);
        actions.find(|action| action == "session.reused")
    };
    until("the theft to be told", SOON, told).await;
    shop.check().await;
}

#[tokio::test]
async fn sixteen_registrations_of_one_address_at_once_are_one_account() {
    let shop = Shop::open("sixteen").await;
    let email = format!("{}@example.test", shop.name());
    let body = registration(&email);
    let answers = join_all((0..16).map(|_| shop.send("/users", &body))).await;
    let mut statuses: BTreeMap<u16, u32> = BTreeMap::new();
    for answer in &answers {
        *statuses.entry(answer.status).or_default() += 1;
    }
    assert_eq!(
        statuses,
        BTreeMap::from([(201, 1), (409, 15)]),
        "{answers:?}"
    );
    sign_in(&shop, &email).await;
    shop.check().await;
}

#[tokio::test]
async fn what_verifies_tokens_is_found_by_whoever_wants_it() {
    let shop = Shop::open("discovery").await;
    let get = async |path: &str| shop.ask(shop.stack.http.get(shop.url(path))).await;
    let configuration = get("/.well-known/openid-configuration").await;
    assert_eq!(configuration.status, 200, "{}", configuration.body);
    let jwks_uri = text(&configuration, "jwks_uri");
    assert!(jwks_uri.ends_with("/.well-known/jwks.json"), "{jwks_uri}");
    let jwks = get("/.well-known/jwks.json").await;
    let issuer = text(&configuration, "issuer");
    let verifier = http_edge::TokenVerifier::new(&jwks.body, &issuer, "cartwright-api");
    let token = shop.token("somebody");
    let verified = must(verifier).verify(&token, tests::emulator::shop::now());
    assert_eq!(must(verified).subject.as_str(), "somebody");
}

/// The token of the n-th link that was mailed to the address.
async fn mailed(shop: &Shop, email: &str, place: usize) -> String {
    let what = format!("mail {place} to {email}");
    let look = || async {
        let texts = texts_to(&shop.stack, email).await;
        let (_, link) = texts.get(place)?.split_once("#token=")?;
        link.split_whitespace().next().map(str::to_owned)
    };
    until(&what, SOON, look).await
}

/// I16: what opens an account is in its mail, and nowhere on the way.
#[tokio::test]
async fn a_forgotten_password_is_set_anew_by_a_mailed_link() {
    let shop = Shop::open("forgotten").await;
    let email = format!("{}@example.test", shop.name());
    let user = text(&shop.send("/users", &registration(&email)).await, "user_id");
    let first = mailed(&shop, &email, 0).await;
    let verified = json!({"token": first});
    assert_eq!(shop.send("/auth/verify-email", &verified).await.status, 204);
    let again = shop.send("/auth/verify-email", &verified).await;
    assert_eq!(again.status, 422, "{}", again.body);
    let tokens = sign_in(&shop, &email).await;
    let ask = async |email: &str| {
        let body = json!({"email": email});
        shop.send("/auth/password-reset", &body).await
    };
    let known = ask(&email).await;
    let unknown = ask(&format!("nobody-{email}")).await;
    assert_eq!((known.status, &known.body), (202, &unknown.body));
    assert_eq!(unknown.status, 202);
    let second = mailed(&shop, &email, 1).await;
    let confirm = json!({"token": second, "new_password": "another horse battery"});
    let done = shop.send("/auth/password-reset/confirm", &confirm).await;
    assert_eq!(done.status, 204, "{}", done.body);
    let refresh = json!({"refresh_token": text(&tokens, "refresh_token")});
    assert_eq!(shop.send("/auth/refresh", &refresh).await.status, 401);
    let new = json!({"email": email, "password": "another horse battery"});
    assert_eq!(shop.send("/auth/login", &new).await.status, 200);
    let told = || async {
        let texts = texts_to(&shop.stack, &email).await;
        texts.get(2).cloned()
    };
    let notice = until("the notice of another password", SOON, told).await;
    assert!(!notice.contains("token"), "{notice}");
    let events = published(&shop.stack, |subject| subject == user).await;
    let types: Vec<&str> = events
        .iter()
        .map(|event| event.event_type.as_str())
        .collect();
    let told = [
        "registered",
        "email-verified",
        "reset-requested",
        "password-changed",
    ];
    assert_eq!(
        types,
        told.map(|what| format!("cartwright.account.{what}.v1"))
    );
    for event in &events {
        let event = must(serde_json::to_string(event));
        for secret in [first.as_str(), second.as_str(), "argon2"] {
            assert!(!event.contains(secret), "{event}");
        }
    }
}

async fn move_to(shop: &Shop, user: &str, email: &str) -> Answer {
    let body = json!({"email": email, "password": PASSWORD});
    let request = shop.request(Method::POST, &format!("/users/{user}/email"));
    shop.ask(request.bearer_auth(shop.token(user)).json(&body))
        .await
}

#[tokio::test]
async fn who_moves_signs_in_by_the_new_address_and_the_old_one_is_free() {
    let shop = Shop::open("moves").await;
    let old = format!("old-{}@example.test", shop.name());
    let new = format!("new-{}@example.test", shop.name());
    let user = text(&shop.send("/users", &registration(&old)).await, "user_id");
    let verify = json!({"token": mailed(&shop, &old, 0).await});
    assert_eq!(shop.send("/auth/verify-email", &verify).await.status, 204);
    let tokens = sign_in(&shop, &old).await;
    let ask = json!({"email": old});
    assert_eq!(shop.send("/auth/password-reset", &ask).await.status, 202);
    let reset = mailed(&shop, &old, 1).await;
    let moved = move_to(&shop, &user, &new).await;
    assert_eq!((moved.status, moved.body.as_str()), (204, ""));
    // What went to the old address opens nothing, nor does what was opened by it.
    let confirm = json!({"token": reset, "new_password": "another horse battery"});
    let dead = shop.send("/auth/password-reset/confirm", &confirm).await;
    assert_eq!(dead.status, 422, "{}", dead.body);
    let refresh = json!({"refresh_token": text(&tokens, "refresh_token")});
    assert_eq!(shop.send("/auth/refresh", &refresh).await.status, 401);
    let by_old = json!({"email": old, "password": PASSWORD});
    assert_eq!(shop.send("/auth/login", &by_old).await.status, 401);
    let access = text(&sign_in(&shop, &new).await, "access_token");
    let path = format!("/users/{user}");
    let seen = read(&shop, &path, &access).await.json();
    assert_eq!(
        (&seen["email"], &seen["email_verified"]),
        (&json!(new), &json!(false))
    );
    let verify = json!({"token": mailed(&shop, &new, 0).await});
    assert_eq!(shop.send("/auth/verify-email", &verify).await.status, 204);
    let seen = read(&shop, &path, &access).await.json();
    assert_eq!(seen["email_verified"], true);
    let told = || async {
        let texts = texts_to(&shop.stack, &old).await;
        texts.get(2).cloned()
    };
    let word = until("a word to the old address", SOON, told).await;
    assert!(!word.contains("token") && !word.contains(&new), "{word}");
    // Somebody else comes to the old address, and stays themselves.
    let next = shop.send("/users", &registration(&old)).await;
    assert_eq!(next.status, 201, "{}", next.body);
    assert_ne!(text(&next, "user_id"), user);
    assert_eq!(move_to(&shop, &user, &old).await.status, 409);
    sign_in(&shop, &old).await;
}

#[tokio::test]
async fn of_sixteen_accounts_that_move_to_one_address_one_does() {
    let shop = Shop::open("sixteen-moves").await;
    let address = |number: usize| format!("{number}-{}@example.test", shop.name());
    let there = format!("there-{}@example.test", shop.name());
    let mut users = Vec::new();
    for number in 0..16 {
        let registered = shop.send("/users", &registration(&address(number))).await;
        assert_eq!(registered.status, 201, "{}", registered.body);
        users.push(text(&registered, "user_id"));
    }
    let answers = join_all(users.iter().map(|user| move_to(&shop, user, &there))).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    let moved = must_have(statuses.iter().position(|status| *status == 204));
    let refused = statuses.iter().filter(|status| **status == 409).count();
    assert_eq!(refused, 15, "{answers:?}");
    // Who moved has left, and who was refused stays where they were.
    sign_in(&shop, &there).await;
    let left = json!({"email": address(moved), "password": PASSWORD});
    assert_eq!(shop.send("/auth/login", &left).await.status, 401);
    for number in (0..16).filter(|number| *number != moved) {
        sign_in(&shop, &address(number)).await;
    }
}

#[tokio::test]
async fn a_service_buys_with_its_key_until_it_is_taken_back() {
    let shop = Shop::open("keys").await;
    shop.sell("tea", 1_200, 10).await;
    let mut admin = shop.claims("admin");
    admin.roles = vec![Role::Admin];
    let admin = shop.sign(&admin);
    let body = json!({"name": shop.name(), "roles": ["customer"]});
    let made = shop.request(Method::POST, "/api-keys").bearer_auth(&admin);
    let made = shop.ask(made.json(&body)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let made = made.json();
    let (key, id) = (&made["key"], &made["api_key"]["api_key_id"]);
    let (key, id) = (must_have(key.as_str()), must_have(id.as_str()));
    let listed = read(&shop, "/api-keys", &admin).await;
    assert!(listed.body.contains(id), "{}", listed.body);
    let subject = must(CustomerId::parse(&format!("key:{id}")));
    let cart = shop.cart(&[("tea", 1)]).by(subject.as_str());
    let placed = shop.post_with(&cart, key).await;
    assert_eq!(placed.status, 201, "{}", placed.body);
    shop.ends(&cart, SOON, "confirmed", None).await;
    let order: Option<Order> = must(shop.tables.orders.load(&cart.id()).await);
    assert_eq!(must_have(order).facts.customer, subject);
    let own = shop
        .request(Method::GET, "/orders")
        .header("x-api-key", key);
    let own = shop.ask(own).await;
    assert_eq!(own.json()["orders"][0]["order_id"], cart.id().to_string());
    // No key makes another.
    let refused = shop.request(Method::POST, "/api-keys").bearer_auth(key);
    assert_eq!(shop.ask(refused.json(&body)).await.status, 403);
    let revoke = shop.request(Method::DELETE, &format!("/api-keys/{id}"));
    let revoked = shop.ask(revoke.bearer_auth(&admin)).await;
    assert_eq!(revoked.status, 204, "{}", revoked.body);
    let gone = || async {
        let answer = read(&shop, "/orders", key).await;
        (answer.status == 401).then_some(())
    };
    until(
        "the key to be refused",
        std::time::Duration::from_secs(75),
        gone,
    )
    .await;
    shop.check().await;
}
