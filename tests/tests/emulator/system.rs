//! What the shop says of itself, and what it answers where there is nothing.

use std::time::Duration;

use http_edge::Role;
use http_edge::token::Claims;
use reqwest::Method;
use testkit::must;
use tests::emulator::shop::{Answer, Shop};
use tests::emulator::wait::until;

/// The minute that something was counted in has to end first.
const A_MINUTE_AND_MORE: Duration = Duration::from_secs(100);

async fn at_root(shop: &Shop, method: Method, path: &str) -> Answer {
    let request = shop.stack.http.request(method, shop.url(path));
    shop.ask(request).await
}

#[tokio::test]
async fn a_running_shop_is_well() {
    let shop = Shop::open("health").await;
    let answer = at_root(&shop, Method::GET, "/health").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body = answer.json();
    assert_eq!(body["status"], "up");
    let dependencies = body["dependencies"].as_array().map_or(0, Vec::len);
    assert_eq!(dependencies, 7, "{body}");
}

#[tokio::test]
async fn what_is_not_there_and_what_cannot_be_done_are_problems() {
    let shop = Shop::open("nowhere").await;
    for path in [
        "/",
        "/api/v0/orders",
        "/api/v1/nothing",
        "/admin",
        "/api/v1/orders/",
    ] {
        let answer = at_root(&shop, Method::GET, path).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
        assert_eq!(answer.media_type, "application/problem+json", "{path}");
    }
    for (method, path, allowed) in [
        (Method::PATCH, "/api/v1/orders", "GET,POST"),
        (Method::DELETE, "/api/v1/orders/1/cancel", "PUT"),
        (Method::PUT, "/api/v1/products", "GET,POST"),
        (Method::POST, "/health", "GET,HEAD"),
    ] {
        let request = shop.stack.http.request(method.clone(), shop.url(path));
        let answer = must(request.send().await);
        let header = |name: &str| {
            let value = answer.headers().get(name);
            value.and_then(|it| it.to_str().ok()).unwrap_or_default()
        };
        let seen = (answer.status().as_u16(), header("content-type"));
        assert_eq!(seen, (405, "application/problem+json"), "{method} {path}");
        assert_eq!(header("allow"), allowed, "{method} {path}");
    }
}

#[tokio::test]
async fn what_was_asked_is_counted_and_shown_to_prometheus() {
    let shop = Shop::open("metrics").await;
    let token = shop.sign(&Claims {
        roles: vec![Role::Admin],
        ..shop.claims("dora")
    });
    let product = shop.product_id("none");
    let path = format!("/api/v1/products/{product}");
    assert_eq!(at_root(&shop, Method::GET, &path).await.status, 404);
    let counted = [
        r#"cartwright_http_requests{"#,
        r#"function="catalog-api""#,
        r#"method="GET""#,
        r#"route="/api/v1/products/{id}""#,
        r#"status="4xx""#,
    ];
    let shown = until("the request is counted", A_MINUTE_AND_MORE, async || {
        let request = shop.stack.http.get(shop.url("/metrics"));
        let answer = shop.ask(request.bearer_auth(&token)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let line = |line: &&str| counted.iter().all(|part| line.contains(part));
        let found = answer.body.lines().find(line).map(str::to_owned);
        found.map(|line| (line, answer.body.clone()))
    });
    let (line, all) = shown.await;
    let count: f64 = line
        .rsplit(' ')
        .next()
        .and_then(|it| it.parse().ok())
        .unwrap_or_default();
    assert!(count >= 1.0, "{line}");
    assert!(all.contains("quantile=\"0.99\""), "{all}");
}
