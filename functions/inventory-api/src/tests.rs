//! The routes inside the edge, with real tokens, against stock and products in memory.

mod refusals;

use axum::Router;
use domain::Sku;
use domain::ports::HoldStock;
use http_edge::Role;
use lambda_boot::{Clock, Env};
use serde_json::{Value, json};
use testkit::FakeClock;
use testkit::build::{a_lease, a_product, at, pieces, tenant};
use testkit::fakes::{FakeCatalogue, FakeInventory};
use testkit::http::{Answer, Ask, cursors, protect, token, token_of_shop};

use super::*;

/// The whole function and what it stored: ten pieces of tea, none of anything else.
struct Shop {
    routes: Router,
    stock: FakeInventory,
    catalogue: FakeCatalogue,
    clock: FakeClock,
}

impl Shop {
    fn open() -> Self {
        let stock = FakeInventory::default().with_stock(&pieces("sku-tea", 10));
        let catalogue = FakeCatalogue::default()
            .with(a_product("tea", 1_200))
            .with(a_product("mug", 900));
        let clock = FakeClock::default();
        let now = clock.clone();
        let app = App {
            stock: stock.clone(),
            catalogue: catalogue.clone(),
            cursors: cursors(),
            tenant: tenant(),
            clock: Clock::driven(move || now.now()),
        };
        Self {
            routes: protect(api(app)),
            stock,
            catalogue,
            clock,
        }
    }

    async fn ask(&self, ask: Ask) -> Answer {
        ask.to(&self.routes).await
    }

    async fn admin(&self, ask: Ask) -> Answer {
        self.ask(ask.with_token(&token("dora", Role::Admin))).await
    }

    async fn get(&self, path: &str) -> Answer {
        let ask = Ask::get(&format!("/api/v1/admin/inventory/{path}"));
        self.ask(ask.with_token(&token("carol", Role::Support)))
            .await
    }

    async fn restock(&self, key: &str, body: Value) -> Answer {
        self.admin(movement("restock", key, &body)).await
    }

    async fn adjust(&self, key: &str, by: i64) -> Answer {
        let body = json!({"by": by, "reason": "counted"});
        self.admin(movement("adjust", key, &body)).await
    }

    async fn threshold(&self, sku: &str, low_at: i64) -> Answer {
        let path = format!("/api/v1/admin/inventory/{sku}/threshold");
        self.admin(Ask::put(&path, json!({"low_at": low_at}))).await
    }

    /// Some tea is held for an order.
    async fn hold(&self, quantity: u32) {
        let lease = a_lease().of_pieces(&[pieces("sku-tea", quantity)]).held();
        self.stock.hold(lease, at(1)).await.unwrap();
    }
}

fn movement(what: &str, key: &str, body: &Value) -> Ask {
    let path = format!("/api/v1/admin/inventory/sku-tea/{what}");
    Ask::post(&path, body).with("idempotency-key", key)
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

#[tokio::test]
async fn everybody_sees_how_much_of_a_product_there_is() {
    let shop = Shop::open();
    shop.hold(3).await;
    let tea = shop.ask(Ask::get("/api/v1/products/tea/inventory")).await;
    let expected = json!({"product_id": "tea", "sku": "sku-tea", "available": 7});
    assert_eq!((tea.status, tea.json()), (200, expected));
    let mug = shop.ask(Ask::get("/api/v1/products/mug/inventory")).await;
    assert_eq!(mug.json()["available"], 0);
}

#[tokio::test]
async fn staff_see_what_is_taken_too() {
    let shop = Shop::open();
    shop.hold(3).await;
    let tea = shop.get("sku-tea").await;
    insta::assert_snapshot!(pretty(&tea.json()), @r#"
    {
      "sku": "sku-tea",
      "available": 7,
      "taken": 3,
      "put_in": 10,
      "low_at": 0,
      "low": false,
      "changed_at": "2026-07-20T12:00:01Z",
      "version": 2
    }
    "#);
}

#[tokio::test]
async fn a_restock_has_one_effect_and_one_answer() {
    let shop = Shop::open();
    let body = json!({"quantity": 5, "reason": "delivery 17"});
    let first = shop.restock("k", body.clone()).await;
    assert_eq!(
        (first.status, first.header("idempotency-replayed")),
        (201, "")
    );
    let mut answer = first.json();
    answer["movement_id"] = json!(null);
    insta::assert_snapshot!(pretty(&answer), @r#"
    {
      "movement_id": null,
      "sku": "sku-tea",
      "kind": "restock",
      "by": 5,
      "reason": "delivery 17",
      "at": "2026-07-20T12:00:00Z"
    }
    "#);
    shop.clock.advance(jiff::SignedDuration::from_secs(60));
    let again = shop.restock("k", body).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(shop.stock.on_shelf("sku-tea"), 15);
    let other = shop.restock("k", json!({"quantity": 6})).await;
    assert_eq!(other.problem(), (422, "idempotency-key-reused".to_owned()));
    shop.restock("l", json!({"quantity": 6})).await;
    assert_eq!(shop.stock.on_shelf("sku-tea"), 21);
}

#[tokio::test]
async fn a_restock_makes_a_sku_known_and_is_remembered() {
    let shop = Shop::open();
    let path = "/api/v1/admin/inventory/sku-mug/restock";
    let ask = Ask::post(path, json!({"quantity": 1})).with("idempotency-key", "k");
    assert_eq!(shop.admin(ask).await.status, 201);
    assert_eq!(shop.get("sku-mug").await.json()["available"], 1);
    let mut movements = shop.stock.movements();
    movements.retain(|it| it.sku == Sku::parse("sku-mug").unwrap());
    assert_eq!(movements.len(), 1);
    assert_eq!((movements[0].who.as_str(), movements[0].by), ("dora", 1));
}

#[tokio::test]
async fn a_count_is_put_right_but_not_below_what_is_held() {
    let shop = Shop::open();
    shop.hold(3).await;
    let down = shop.adjust("a", -2).await;
    assert_eq!(
        (down.status, &down.json()["kind"]),
        (201, &json!("adjustment"))
    );
    let refused = shop.adjust("b", -6).await;
    assert_eq!(refused.problem(), (409, "too-few-pieces".to_owned()));
    assert_eq!(refused.json()["available"], 5);
    assert_eq!(shop.adjust("c", -5).await.status, 201);
    assert_eq!(shop.adjust("d", 4).await.status, 201);
    let tea = shop.get("sku-tea").await.json();
    let counts = [&tea["available"], &tea["taken"], &tea["put_in"]];
    assert_eq!(counts, [&json!(4), &json!(3), &json!(7)]);
}

#[tokio::test]
async fn what_is_low_is_listed_page_by_page() {
    let shop = Shop::open();
    for sku in ["sku-a", "sku-b"] {
        let path = format!("/api/v1/admin/inventory/{sku}/restock");
        let ask = Ask::post(&path, json!({"quantity": 5})).with("idempotency-key", sku);
        shop.admin(ask).await;
    }
    assert_eq!(shop.get("low-stock").await.json(), json!({"stock": []}));
    for sku in ["sku-a", "sku-b", "sku-tea"] {
        let set = shop.threshold(sku, 5).await;
        assert_eq!((set.status, &set.json()["low_at"]), (200, &json!(5)));
    }
    let first = shop.get("low-stock?limit=1").await.json();
    assert_eq!(first["stock"][0]["sku"], "sku-a");
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = shop
        .get(&format!("low-stock?limit=9&cursor={cursor}"))
        .await;
    assert_eq!(second.json()["stock"][0]["sku"], "sku-b");
    assert_eq!(second.json()["stock"].as_array().unwrap().len(), 1);
    assert_eq!(second.json().get("next_cursor"), None);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    let all = [
        "INVENTORY_TABLE",
        "CATALOG_TABLE",
        "ACCOUNTS_TABLE",
        "OPERATIONS_TABLE",
        "LIMITS",
        "TOKEN_JWKS",
        "TOKEN_ISSUER",
        "TOKEN_AUDIENCE",
        "CURSOR_KEY",
        "HOME_TENANT",
    ];
    assert_eq!(names, all);
}
