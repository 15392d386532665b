//! The jobs of the functions of the HTTP API.

use std::time::Duration;

use domain::ports::KeepNotifications;
use domain::{ApiKeyId, ApiKeySecret, Notice, Notification, NotificationList};
use http_edge::Role;
use http_edge::token::Claims;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use testkit::build::{a_notice, customer, tenant};
use testkit::{must, must_have};
use tests::emulator::shop::{Answer, Shop, now};
use uuid::Uuid;

use super::{Rounds, ended, expect_status};
use crate::policy::each_is_needed;

/// As [`expect_status`], of requests that the limiter counts; after it could not, it is left alone
/// for five seconds. Each caller is one of whom nothing is in hand.
pub(super) async fn expect_counted(
    ask: impl AsyncFn() -> Answer,
    status: u16,
) -> Result<(), String> {
    for _ in 0..8 {
        let answer = ask().await;
        expect_status(&answer, status)?;
        if answer.counted {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Err("not counted".to_owned())
}

#[tokio::test]
async fn place_order_needs_its_role() {
    let shop = Shop::alone("role-place").await;
    let rounds = Rounds::default();
    each_is_needed(&shop.stack, "place-order", async || {
        let [one, two, three] = ["a", "b", "c"].map(|base| rounds.name(base));
        for product in [&one, &two, &three] {
            shop.sell(product, 100, 10).await;
        }
        expect_counted(async || shop.post(&shop.cart(&[(&one, 1)])).await, 201).await?;
        expect_status(&shop.post(&shop.cart(&[(&two, 1), (&three, 1)])).await, 201)?;
        expect_status(&shop.post(&shop.cart(&[("unknown", 1)])).await, 422)?;
        looks_for_keys(&shop, Method::POST).await
    })
    .await;
    shop.check().await;
}

#[tokio::test]
async fn orders_api_needs_its_role() {
    let shop = Shop::alone("role-api").await;
    shop.sell("tea", 100, 10).await;
    let cart = ended(&shop, &[("tea", 1)]).await;
    each_is_needed(&shop.stack, "orders-api", async || {
        let path = format!("/orders/{}", cart.id());
        expect_status(&shop.get(&cart.customer, &path).await, 200)?;
        expect_status(&shop.get(&cart.customer, "/orders").await, 200)?;
        let late = ended(&shop, &[("tea", 1)]).await;
        let cancel = shop.request(Method::PUT, &format!("/orders/{}/cancel", late.id()));
        let cancel = cancel.bearer_auth(shop.token(&late.customer));
        expect_status(&shop.ask(cancel).await, 202)?;
        let of_a_stranger = async || shop.get(&shop.cart(&[]).customer, "/orders").await;
        expect_counted(of_a_stranger, 200).await?;
        looks_for_keys(&shop, Method::GET).await
    })
    .await;
    shop.check().await;
}

pub(super) fn registration(email: &str) -> Value {
    json!({"email": email, "password": "correct horse battery", "name": "A"})
}

#[tokio::test]
async fn accounts_api_needs_its_role() {
    let shop = Shop::alone("role-accounts").await;
    let rounds = Rounds::default();
    each_is_needed(&shop.stack, "accounts-api", async || {
        let email = format!("{}@{}.test", rounds.name("a"), shop.name());
        let registered = shop.send("/users", &registration(&email)).await;
        expect_status(&registered, 201)?;
        let user = registered.json()["user_id"].clone();
        let user = user.as_str().unwrap_or_default();
        expect_status(&shop.get(user, &format!("/users/{user}")).await, 200)?;
        let there = json!({"email": format!("there-{email}"), "password": "correct horse battery"});
        let there = shop
            .request(Method::POST, &format!("/users/{user}/email"))
            .json(&there);
        let moved = shop.ask(there.bearer_auth(shop.token(user))).await;
        expect_status(&moved, 204)?;
        let mut admin = shop.claims("admin");
        admin.roles = vec![Role::Admin];
        let request = shop.request(Method::POST, "/api-keys");
        let key = json!({"name": rounds.name("key"), "roles": ["customer"]});
        let request = request.bearer_auth(shop.sign(&admin)).json(&key);
        let made = shop.ask(request).await;
        expect_status(&made, 201)?;
        let list = shop.request(Method::GET, "/api-keys");
        let listed = shop.ask(list.bearer_auth(shop.sign(&admin))).await;
        expect_status(&listed, 200)?;
        let id = made.json()["api_key"]["api_key_id"].clone();
        let path = format!("/api-keys/{}", id.as_str().unwrap_or_default());
        let revoke = shop.request(Method::DELETE, &path);
        let revoked = shop.ask(revoke.bearer_auth(shop.sign(&admin))).await;
        expect_status(&revoked, 204)?;
        let list = async || {
            let list = shop.request(Method::GET, "/api-keys");
            as_somebody_new(&shop, &rounds, list).await
        };
        expect_counted(list, 200).await
    })
    .await;
}

/// A key that was never made: looking for it needs the same permission as finding it.
fn no_key(number: u128) -> String {
    let random = [number; 3].map(Uuid::from_u128);
    ApiKeySecret::new(ApiKeyId(Uuid::from_u128(now_bits() + number)), random).text()
}

fn now_bits() -> u128 {
    must(u128::try_from(now().as_nanosecond()))
}

/// Whether the function looked for a key, and found none.
async fn looks_for_keys(shop: &Shop, method: Method) -> Result<(), String> {
    looks_for_keys_at(shop, method, "/orders").await
}

pub(super) async fn looks_for_keys_at(
    shop: &Shop,
    method: Method,
    path: &str,
) -> Result<(), String> {
    let request = shop.request(method, path).bearer_auth(no_key(1));
    expect_status(&shop.ask(request.json(&json!({}))).await, 401)
}

/// As one who runs the shop and was never seen: nothing of their limit is in hand.
pub(super) async fn as_somebody_new(
    shop: &Shop,
    rounds: &Rounds,
    request: RequestBuilder,
) -> Answer {
    let claims = Claims {
        roles: vec![Role::Admin],
        ..shop.claims(&rounds.name("dora"))
    };
    shop.ask(request.bearer_auth(shop.sign(&claims))).await
}

/// Somebody whose telephone is texted a code.
async fn asks_for_a_code(shop: &Shop) -> String {
    let email = format!("ada@{}.test", shop.name());
    let registered = shop.send("/users", &registration(&email)).await;
    must(expect_status(&registered, 201));
    let ada = must_have(registered.json()["user_id"].as_str()).to_owned();
    let phone = format!("+44{:011}", now().as_microsecond() % 100_000_000_000);
    let profile = json!({
        "name": "Ada", "phone": phone, "preferences": {"email": true, "sms": false},
    });
    let path = format!("/users/{ada}");
    let change = shop.request(Method::PUT, &path).header("if-match", "\"1\"");
    let change = change.bearer_auth(shop.token(&ada)).json(&profile);
    must(expect_status(&shop.ask(change).await, 200));
    let ask = shop.request(Method::POST, &format!("{path}/phone/confirmation"));
    let ask = ask.bearer_auth(shop.token(&ada)).json(&json!({}));
    must(expect_status(&shop.ask(ask).await, 202));
    ada
}

#[tokio::test]
async fn auth_api_needs_its_role() {
    let shop = Shop::alone("role-auth").await;
    let email = format!("a@{}.test", shop.name());
    must(expect_status(
        &shop.send("/users", &registration(&email)).await,
        201,
    ));
    let who = json!({"email": email, "password": "correct horse battery"});
    let ada = asks_for_a_code(&shop).await;
    let confirmation = format!("/users/{ada}/phone/confirmation");
    each_is_needed(&shop.stack, "auth-api", async || {
        expect_status(&shop.send("/auth/login", &who).await, 200)?;
        expect_status(&shop.get(&ada, &confirmation).await, 200)
    })
    .await;
}

fn admin(shop: &Shop) -> String {
    shop.sign(&Claims {
        roles: vec![Role::Admin],
        ..shop.claims("dora")
    })
}

/// Asks as one who runs the shop.
async fn run(shop: &Shop, request: reqwest::RequestBuilder) -> Answer {
    shop.ask(request.bearer_auth(admin(shop))).await
}

/// A key is taken for as long as its answer is kept, and given back where the request is refused: a
/// repeat of that one is refused for what it asks, not for the key.
async fn creates_under_keys(shop: &Shop, rounds: &Rounds) -> Result<(), String> {
    let id = shop.product_id(&rounds.name("c"));
    let create = async |key: &str, name: &str| {
        let body = json!({
            "product_id": id.as_str(), "sku": "s", "name": name,
            "price": {"minor": 100, "currency": "EUR"},
        });
        let request = shop.request(Method::POST, "/products").json(&body);
        run(shop, request.header("idempotency-key", key)).await
    };
    expect_status(&create(&rounds.name("k"), "C").await, 201)?;
    let free = rounds.name("l");
    for _ in 0..2 {
        let refused = create(&free, "D").await;
        expect_status(&refused, 409)?;
        if refused.json()["type"] != TAKEN {
            return Err(refused.body);
        }
    }
    Ok(())
}

const TAKEN: &str = "https://cartwright.example/problems/id-taken";

#[tokio::test]
async fn catalog_api_needs_its_role() {
    let shop = Shop::alone("role-catalogue").await;
    let rounds = Rounds::default();
    each_is_needed(&shop.stack, "catalog-api", async || {
        let id = shop.product_id(&rounds.name("a"));
        let body = json!({
            "product_id": id.as_str(), "sku": "s", "name": "A",
            "price": {"minor": 100, "currency": "EUR"},
        });
        let create = shop.request(Method::POST, "/products").json(&body);
        expect_status(&run(&shop, create).await, 201)?;
        for path in [
            &format!("/products/{id}"),
            "/products?sort=newest",
            "/products?sort=name",
        ] {
            expect_status(&run(&shop, shop.request(Method::GET, path)).await, 200)?;
        }
        creates_under_keys(&shop, &rounds).await?;
        looks_for_keys_at(&shop, Method::POST, "/products").await?;
        let another = async || {
            let id = shop.product_id(&rounds.name("b"));
            let body = json!({
                "product_id": id.as_str(), "sku": "s", "name": "B",
                "price": {"minor": 100, "currency": "EUR"},
            });
            as_somebody_new(
                &shop,
                &rounds,
                shop.request(Method::POST, "/products").json(&body),
            )
            .await
        };
        expect_counted(another, 201).await
    })
    .await;
}

#[tokio::test]
async fn inventory_api_needs_its_role() {
    let shop = Shop::alone("role-shelves").await;
    shop.sell("tea", 100, 10).await;
    let rounds = Rounds::default();
    let admins = format!("/admin/inventory/{}", shop.sku("tea"));
    each_is_needed(&shop.stack, "inventory-api", async || {
        let restock = shop.request(Method::POST, &format!("{admins}/restock"));
        let restock = restock
            .header("idempotency-key", rounds.name("k"))
            .json(&json!({"quantity": 1}));
        expect_status(&run(&shop, restock).await, 201)?;
        *shop.noted().stock.entry(shop.sku("tea")).or_default() += 1;
        let threshold = shop.request(Method::PUT, &format!("{admins}/threshold"));
        let threshold = threshold.json(&json!({"low_at": 1_000}));
        expect_status(&run(&shop, threshold).await, 200)?;
        let low = "/admin/inventory/low-stock";
        let product = format!("/products/{}/inventory", shop.product_id("tea"));
        for path in [low, &product, &admins] {
            expect_status(&run(&shop, shop.request(Method::GET, path)).await, 200)?;
        }
        looks_for_keys_at(&shop, Method::GET, low).await?;
        let list = async || as_somebody_new(&shop, &rounds, shop.request(Method::GET, low)).await;
        expect_counted(list, 200).await
    })
    .await;
    shop.check().await;
}

#[tokio::test]
async fn orders_admin_needs_its_role() {
    let shop = Shop::alone("role-admin").await;
    shop.sell("tea", 100, 100).await;
    let rounds = Rounds::default();
    each_is_needed(&shop.stack, "orders-admin", async || {
        let cart = ended(&shop, &[("tea", 2)]).await;
        let path = format!("/admin/orders/{}/refunds", cart.id());
        let lines =
            json!({"lines": [{"product_id": shop.product_id("tea").as_str(), "quantity": 1}]});
        let refund = shop.request(Method::POST, &path).json(&lines);
        let refund = refund.header("idempotency-key", rounds.name("k"));
        expect_status(&run(&shop, refund).await, 201)?;
        let story = format!("/orders/{}/timeline", cart.id());
        expect_status(&shop.get(&cart.customer, &story).await, 200)?;
        looks_for_keys_at(&shop, Method::GET, "/admin/orders").await?;
        let list = async || {
            let list = shop.request(Method::GET, "/admin/orders?limit=5");
            as_somebody_new(&shop, &rounds, list).await
        };
        expect_counted(list, 200).await
    })
    .await;
}

#[tokio::test]
async fn audit_api_needs_its_role() {
    let shop = Shop::alone("role-audit").await;
    let rounds = Rounds::default();
    let path = "/admin/audit?chain=3&limit=1";
    each_is_needed(&shop.stack, "audit-api", async || {
        let list = async || as_somebody_new(&shop, &rounds, shop.request(Method::GET, path)).await;
        expect_counted(list, 200).await?;
        looks_for_keys_at(&shop, Method::GET, path).await
    })
    .await;
}

#[tokio::test]
async fn operations_api_needs_its_role() {
    let shop = Shop::alone("role-dashboard").await;
    // One piece is low at five.
    shop.sell("tea", 100, 1).await;
    let path = format!("/admin/inventory/{}/threshold", shop.sku("tea"));
    let low = shop.request(Method::PUT, &path).json(&json!({"low_at": 5}));
    must(expect_status(&run(&shop, low).await, 200));
    let rounds = Rounds::default();
    let path = "/admin/dashboard";
    each_is_needed(&shop.stack, "operations-api", async || {
        let page = async || as_somebody_new(&shop, &rounds, shop.request(Method::GET, path)).await;
        expect_counted(page, 200).await?;
        looks_for_keys_at(&shop, Method::GET, path).await
    })
    .await;
}

#[tokio::test]
async fn reports_api_needs_its_role() {
    let shop = Shop::alone("role-sold").await;
    let rounds = Rounds::default();
    let path = "/admin/reports/daily";
    each_is_needed(&shop.stack, "reports-api", async || {
        let page = async || as_somebody_new(&shop, &rounds, shop.request(Method::GET, path)).await;
        expect_counted(page, 200).await?;
        looks_for_keys_at(&shop, Method::GET, path).await
    })
    .await;
}

#[tokio::test]
async fn realtime_api_needs_its_role() {
    let shop = Shop::alone("role-realtime").await;
    let rounds = Rounds::default();
    each_is_needed(&shop.stack, "realtime-api", async || {
        let reader = rounds.name(&format!("reader-{}-", shop.name()));
        let told = must_have(NotificationList::default().next(a_notice(1), true));
        let notice = Notice {
            id: format!("told/{reader}"),
            ..told.notice
        };
        let told = Notification { notice, ..told };
        let realtime = &shop.tables.realtime;
        must(realtime.keep((&tenant(), &customer(&reader)), told).await);
        let list = async || shop.get(&reader, "/notifications").await;
        expect_counted(list, 200).await?;
        let read = shop.request(Method::POST, "/notifications/read");
        let read = read.json(&json!({"numbers": [1]}));
        let read = shop.ask(read.bearer_auth(shop.token(&reader))).await;
        expect_status(&read, 204)?;
        let ticket = shop.request(Method::POST, "/realtime/tickets");
        let ticket = shop.ask(ticket.bearer_auth(shop.token(&reader))).await;
        expect_status(&ticket, 200)?;
        looks_for_keys_at(&shop, Method::GET, "/notifications").await
    })
    .await;
}
