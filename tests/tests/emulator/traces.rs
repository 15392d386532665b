//! One trace from the request through stream, saga and queue to the last consumer.

use std::collections::BTreeSet;

use serde_json::Value;
use testkit::must;
use tests::emulator::shop::{SOON, Shop};
use tests::emulator::wait::within;

/// Everybody who has a part in an order that is confirmed and mailed.
const EVERYBODY: [&str; 11] = [
    "inventory",
    "notify",
    "orders",
    "payments",
    "place-order",
    "project-dashboard",
    "publish-events",
    "shipping",
    "start-saga",
    "track-shipments",
    "write-audit",
];

fn services(spans: &[Value]) -> BTreeSet<&str> {
    let named = spans.iter().filter_map(|it| it["service"].as_str());
    named.collect()
}

#[tokio::test]
async fn an_order_is_one_trace_from_its_request_to_the_last_consumer() {
    let shop = Shop::open("traces").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    let trace = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, cart.customer.as_bytes());
    let trace = trace.simple().to_string();
    let caller = "00f067aa0ba902b7";
    let placed = shop
        .request(reqwest::Method::POST, "/orders")
        .bearer_auth(shop.token(&cart.customer))
        .header("idempotency-key", &cart.key)
        .header("traceparent", format!("00-{trace}-{caller}-01"))
        .json(&cart.body);
    let placed = shop.ask(placed).await;
    assert_eq!(placed.status, 201, "{}", placed.body);
    shop.noted().orders.push(cart.id());
    shop.ends(&cart, SOON, "confirmed", None).await;
    let address = format!(
        "{}/collector/traces/{trace}",
        shop.stack.get("PROVIDERS_URL")
    );
    let look = async || {
        let answer = must(shop.stack.http.get(&address).send().await);
        must(answer.json::<Vec<Value>>().await)
    };
    let everybody = async || {
        let spans = look().await;
        let told = services(&spans);
        EVERYBODY
            .iter()
            .all(|name| told.contains(name))
            .then_some(())
    };
    let all_told = within(SOON, everybody).await.is_some();
    let spans = look().await;
    assert!(all_told, "only {:?} told of their part", services(&spans));
    let roots: Vec<&Value> = spans
        .iter()
        .filter(|it| it["parentSpanId"] == caller)
        .collect();
    assert_eq!(roots.len(), 1, "{roots:?}");
    assert_eq!(roots[0]["service"], "place-order");
    assert_eq!(roots[0]["name"], "POST /api/v1/orders");
    let request = roots[0]["spanId"].as_str();
    for span in &spans {
        let below = span["parentSpanId"].as_str() == request || span["spanId"].as_str() == request;
        assert!(below, "a span that hangs on nothing: {span}");
        assert_eq!(span["status"]["code"], 0, "{span}");
    }
    shop.check().await;
}
