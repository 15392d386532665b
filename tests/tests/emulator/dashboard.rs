//! What those who run the shop see, and hear over their sockets: orders are in the figures, and what is
//! looked at beside them.

use http_edge::Role;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::must_have;
use tests::emulator::shop::{SOON, Shop};
use tests::emulator::socket::SocketClient;
use tests::emulator::wait::until;

fn admin(shop: &Shop) -> String {
    let mut admin = shop.claims("admin");
    admin.roles = vec![Role::Admin];
    shop.sign(&admin)
}

async fn seen(shop: &Shop) -> Value {
    let request = shop.request(Method::GET, "/admin/dashboard");
    let answer = shop.ask(request.bearer_auth(admin(shop))).await;
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
    let low = shop.request(Method::PUT, &low).json(&json!({"low_at": 1}));
    let set = shop.ask(low.bearer_auth(admin(&shop))).await;
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

/// A client by the book asks once and listens then. Orders of other tests may be in the figures too.
#[tokio::test]
async fn those_who_run_the_shop_hear_how_figures_stand_and_others_are_refused() {
    let shop = Shop::open("live-dashboard").await;
    shop.sell("tea", 1_200, 10).await;
    let subscribe = json!({"action": "subscribe", "to": ["dashboard"], "id": "1"});
    let mut customer = SocketClient::open(&shop, &shop.token("alice")).await;
    customer.say(&subscribe).await;
    let refused = must_have(customer.hear(SOON).await);
    assert_eq!(
        (&refused["id"], &refused["problem"]["status"]),
        (&json!("1"), &json!(403)),
        "{refused}"
    );
    let mut admin = SocketClient::open(&shop, &admin(&shop)).await;
    admin.say(&subscribe).await;
    let subscribed = must_have(admin.hear(SOON).await);
    let wanted = json!({"type": "subscribed", "id": "1", "to": ["dashboard"]});
    assert_eq!(subscribed, wanted);

    let before = seen(&shop).await;
    let cart = shop.cart(&[("tea", 2)]);
    shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    let shown = loop {
        let frame = admin.hear_of("dashboard", SOON).await;
        let shown = frame["dashboard"].clone();
        if status(&shown, "confirmed") > status(&before, "confirmed") {
            break shown;
        }
    };
    assert!(
        shown["as_of"].as_str() > before["as_of"].as_str(),
        "{shown}"
    );
    assert!(shown["stock_alerts"]["skus"].is_array(), "{shown}");
    assert_eq!(shown.get("dead_letters"), None);
    customer.say(&json!({"action": "ping"})).await;
    let pong = must_have(customer.hear(SOON).await);
    assert_eq!(pong["type"], json!("pong"), "nothing else was said");
    shop.check().await;
}
