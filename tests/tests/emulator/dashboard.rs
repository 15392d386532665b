//! What those who run the shop see: orders are in the figures, and what is looked at beside them.

use http_edge::Role;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::must_have;
use tests::emulator::shop::{SOON, Shop};
use tests::emulator::wait::until;

async fn seen(shop: &Shop) -> Value {
    let mut admin = shop.claims("admin");
    admin.roles = vec![Role::Admin];
    let request = shop.request(Method::GET, "/admin/dashboard");
    let answer = shop.ask(request.bearer_auth(shop.sign(&admin))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn number(body: &Value, list: &str, (name, wanted): (&str, &str), value: &str) -> i64 {
    let list = must_have(body[list].as_array());
    let found = list.iter().find(|it| it[name] == wanted);
    found.and_then(|it| it[value].as_i64()).unwrap_or_default()
}

fn status(body: &Value, name: &str) -> i64 {
    number(body, "orders_by_status", ("status", name), "orders")
}

fn revenue(body: &Value) -> i64 {
    number(body, "revenue_today", ("currency", "EUR"), "minor")
}

/// Orders of tests before may still end meanwhile, so there may be more.
#[tokio::test]
async fn orders_are_in_the_figures_once_they_are_told_of() {
    let shop = Shop::alone("dashboard").await;
    shop.sell("tea", 1_200, 10).await;
    shop.sell("mug", 900, 1).await;
    let low = format!("/admin/inventory/{}/threshold", shop.sku("mug"));
    let mut admin = shop.claims("admin");
    admin.roles = vec![Role::Admin];
    let low = shop.request(Method::PUT, &low).json(&json!({"low_at": 1}));
    let set = shop.ask(low.bearer_auth(shop.sign(&admin))).await;
    assert_eq!(set.status, 200, "{}", set.body);
    let before = seen(&shop).await;
    let good = shop.cart(&[("tea", 2)]);
    let short = shop.cart(&[("mug", 5)]);
    shop.place(&good).await;
    shop.place(&short).await;
    shop.ends(&good, SOON, "confirmed", None).await;
    shop.ends(&short, SOON, "failed", Some("out_of_stock"))
        .await;
    let after = until("both orders are counted", SOON, || async {
        let after = seen(&shop).await;
        let more = |name| status(&after, name) - status(&before, name);
        (more("confirmed") >= 1 && more("failed") >= 1).then_some(after)
    })
    .await;
    // The time of the test may pass midnight.
    if before["today"] == after["today"] {
        let total = shop
            .get(&good.customer, &format!("/orders/{}", good.id()))
            .await;
        let total = must_have(total.json()["total"]["minor"].as_i64());
        assert!(revenue(&after) - revenue(&before) >= total);
        let failed = |body| number(body, "failures_today", ("reason", "out_of_stock"), "orders");
        assert!(failed(&after) > failed(&before));
    }
    let low = must_have(after["stock_alerts"]["skus"].as_array());
    let mug = low.iter().any(|it| it["sku"] == shop.sku("mug").as_str());
    assert!(mug || after["stock_alerts"]["more"] == true, "{low:?}");
    let letters = must_have(after["dead_letters"].as_array());
    let counted = letters.iter().filter(|it| it["messages"].is_u64()).count();
    assert_eq!(counted, letters.len(), "every queue says how many it has");
    shop.check().await;
}
