//! I16: what opens something is used in every way that there is, and written down nowhere. Each test
//! looks through its logs and events; this one through all tables and dead letters too.

use http_edge::Role;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::invariants::{Place, World, Written};
use testkit::must_have;
use tests::emulator::aws;
use tests::emulator::mails::texts_to;
use tests::emulator::shop::{SOON, Shop};
use tests::emulator::wait::until;

const PASSWORD: &str = "a long and secret password";

fn text(body: &Value, name: &str) -> String {
    must_have(body[name].as_str()).to_owned()
}

/// Registers, signs in, stays, is mistaken, and sets another password by a mailed link.
async fn use_an_account(shop: &Shop) {
    let email = format!("{}@example.test", shop.name());
    let body = json!({"email": email, "password": PASSWORD, "name": "A. Buyer"});
    assert_eq!(shop.send("/users", &body).await.status, 201);
    let right = json!({"email": email, "password": PASSWORD});
    let signed_in = shop.send("/auth/login", &right).await.json();
    let refresh = json!({"refresh_token": text(&signed_in, "refresh_token")});
    assert_eq!(shop.send("/auth/refresh", &refresh).await.status, 200);
    let wrong = json!({"email": email, "password": "a wrong but secret one"});
    assert_eq!(shop.send("/auth/login", &wrong).await.status, 401);
    shop.send("/auth/password-reset", &json!({"email": email}))
        .await;
    let link = || async {
        let texts = texts_to(&shop.stack, &email).await;
        let (_, link) = texts.get(1)?.split_once("#token=")?;
        link.split_whitespace().next().map(str::to_owned)
    };
    let link = until("the mailed link", SOON, link).await;
    let new = json!({"token": link, "new_password": "another secret password"});
    assert_eq!(
        shop.send("/auth/password-reset/confirm", &new).await.status,
        204
    );
    // What cannot be read is not told either.
    let broken = json!({"email": email, "password": PASSWORD, "admin": true});
    assert_eq!(shop.send("/auth/login", &broken).await.status, 400);
}

/// Buys with a key, and shows it where it counts for nothing.
async fn use_a_key(shop: &Shop) {
    let mut admin = shop.claims("admin");
    admin.roles = vec![Role::Admin];
    let admin = shop.sign(&admin);
    let body = json!({"name": shop.name(), "roles": ["customer"]});
    let make = shop.request(Method::POST, "/api-keys").bearer_auth(&admin);
    let made = shop.ask(make.json(&body)).await.json();
    let (key, id) = (text(&made, "key"), text(&made["api_key"], "api_key_id"));
    shop.noted().secrets.insert(key.clone());
    let cart = shop.cart(&[("tea", 1)]).by(&format!("key:{id}"));
    assert_eq!(shop.post_with(&cart, &key).await.status, 201);
    shop.ends(&cart, SOON, "confirmed", None).await;
    let path = format!("/auth/logout-all?key={key}");
    let lost = shop.request(Method::POST, &path).bearer_auth(&key);
    assert_eq!(shop.ask(lost).await.status, 401);
    let revoke = shop.request(Method::DELETE, &format!("/api-keys/{id}"));
    let revoked = shop.ask(revoke.bearer_auth(&admin)).await;
    assert_eq!(revoked.status, 204);
}

#[tokio::test]
async fn i16_nothing_that_opens_anything_is_in_a_log_an_event_a_table_or_a_dead_letter() {
    let shop = Shop::open("secrets").await;
    shop.sell("tea", 1_200, 10).await;
    use_an_account(&shop).await;
    use_a_key(&shop).await;
    shop.check().await;
    let item = |text| Written {
        place: Place::Item,
        text,
    };
    let letter = |text| Written {
        place: Place::DeadLetter,
        text,
    };
    let items = shop.tables.every_item(&shop.stack).await;
    let letters = aws::dead_letters(&shop.stack).await;
    println!(
        "{}: {} items, {} dead letters",
        shop.name(),
        items.len(),
        letters.len()
    );
    let written = items
        .into_iter()
        .map(item)
        .chain(letters.into_iter().map(letter));
    let world = World {
        written: written.collect(),
        secrets: shop.noted().secrets.iter().cloned().collect(),
        ..World::default()
    };
    assert!(world.secrets.len() >= 8, "{}", world.secrets.len());
    assert_eq!(world.violations(), []);
}
