//! Somebody comes, registers, signs in, buys, stays signed in and signs out.

use std::collections::BTreeMap;

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{must, must_have};
use tests::emulator::shop::{Answer, SOON, Shop};

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
async fn who_registers_signs_in_and_buys() {
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
    let placed = shop.post_with(&cart, &access).await;
    assert_eq!(placed.status, 201, "{}", placed.body);
    shop.ends(&cart, SOON, "confirmed", None).await;
    let own = read(&shop, "/orders", &access).await;
    assert_eq!(own.json()["orders"][0]["order_id"], cart.id().to_string());
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
