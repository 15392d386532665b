//! Who and what is refused.

use super::*;

fn not_found() -> (u16, String) {
    (404, "not-found".to_owned())
}

#[tokio::test]
async fn only_staff_look_and_only_those_who_run_the_shop_change() {
    let shop = Shop::open();
    let quantity = json!({"quantity": 5});
    let changes = [
        movement("restock", "k", &quantity),
        movement("adjust", "l", &json!({"by": 1, "reason": "x"})),
        Ask::put(
            "/api/v1/admin/inventory/sku-tea/threshold",
            json!({"low_at": 1}),
        ),
    ];
    let looks =
        ["sku-tea", "low-stock"].map(|it| Ask::get(&format!("/api/v1/admin/inventory/{it}")));
    for ask in changes.iter().chain(&looks) {
        assert_eq!(shop.ask(ask.clone()).await.status, 401);
        let customer = shop.ask(ask.clone().by("alice")).await;
        assert_eq!(customer.problem(), (403, "forbidden".to_owned()));
        let elsewhere = token_of_shop("other", "dora", Role::Admin);
        let elsewhere = shop.ask(ask.clone().with_token(&elsewhere)).await;
        assert_eq!(elsewhere.problem(), not_found());
    }
    for ask in changes {
        let support = ask.with_token(&token("carol", Role::Support));
        assert_eq!(shop.ask(support).await.status, 403);
    }
    assert_eq!(shop.get("sku-tea").await.json()["version"], 1);
}

#[tokio::test]
async fn a_movement_needs_a_usable_key() {
    let shop = Shop::open();
    let path = "/api/v1/admin/inventory/sku-tea/restock";
    let keyless = shop.admin(Ask::post(path, json!({"quantity": 5}))).await;
    assert_eq!(keyless.problem(), (400, "idempotency-key".to_owned()));
    for key in ["", "two words", &"x".repeat(256)] {
        let answer = shop.restock(key, json!({"quantity": 5})).await;
        assert_eq!(answer.problem(), (400, "idempotency-key".to_owned()));
    }
    assert_eq!(shop.stock.on_shelf("sku-tea"), 10);
}

#[tokio::test]
async fn what_is_no_movement_is_refused() {
    let shop = Shop::open();
    for quantity in [json!(0), json!(-5), json!(1_000_001), json!(i64::MAX)] {
        let answer = shop.restock("k", json!({"quantity": quantity})).await;
        assert_eq!(answer.problem(), (422, "invalid-body".to_owned()));
    }
    for body in [
        json!({"quantity": 0.5}),
        json!({"quantity": 5, "sku": "x"}),
        json!({}),
    ] {
        let answer = shop.restock("k", body).await;
        assert_eq!(answer.problem(), (400, "unexpected-body".to_owned()));
    }
    assert_eq!(shop.adjust("k", 0).await.status, 422);
    assert_eq!(shop.threshold("sku-tea", -1).await.status, 422);
    assert_eq!(shop.stock.on_shelf("sku-tea"), 10);
}

#[tokio::test]
async fn no_sum_of_pieces_overflows() {
    let shop = Shop::open();
    let mut last = shop.restock("0", json!({"quantity": 1_000_000})).await;
    for key in 1..=1_000 {
        last = shop
            .restock(&key.to_string(), json!({"quantity": 1_000_000}))
            .await;
        if last.status != 201 {
            break;
        }
    }
    assert_eq!(last.problem(), (409, "too-many-pieces".to_owned()));
    assert_eq!(shop.stock.on_shelf("sku-tea"), 999_000_010);
}

#[tokio::test]
async fn what_is_unknown_is_not_found() {
    let shop = Shop::open();
    for path in ["sku-yeti", "%00", "a%20b"] {
        assert_eq!(shop.get(path).await.problem(), not_found(), "{path}");
    }
    let body = json!({"by": -1, "reason": "x"});
    let path = "/api/v1/admin/inventory/sku-yeti/adjust";
    let unknown = Ask::post(path, body).with("idempotency-key", "k");
    assert_eq!(shop.admin(unknown).await.problem(), not_found());
    assert_eq!(shop.threshold("sku-yeti", 1).await.problem(), not_found());
    let product = shop.ask(Ask::get("/api/v1/products/yeti/inventory")).await;
    assert_eq!(product.problem(), not_found());
}

#[tokio::test]
async fn the_stock_of_another_shop_s_product_does_not_show() {
    let shop = Shop::open();
    let foreign = domain::Product {
        tenant: domain::TenantId::parse("other").unwrap(),
        ..a_product("tea", 100)
    };
    drop(shop.catalogue.clone().with(foreign));
    let product = shop.ask(Ask::get("/api/v1/products/tea/inventory")).await;
    assert_eq!(product.problem(), not_found());
}

#[tokio::test]
async fn queries_that_are_none_are_refused() {
    let shop = Shop::open();
    for query in ["limit=0", "limit=101", "cursor=", "cursor=x", "sort=sku"] {
        let answer = shop.get(&format!("low-stock?{query}")).await;
        assert_eq!(answer.problem(), (400, "bad-request".to_owned()), "{query}");
    }
}

#[tokio::test]
async fn a_store_that_is_down_is_told_as_unavailable() {
    let shop = Shop::open();
    for path in ["sku-tea", "low-stock"] {
        shop.stock.fail_next_stock_read();
        let answer = shop.get(path).await;
        assert_eq!(answer.problem(), (503, "unavailable".to_owned()), "{path}");
    }
}
