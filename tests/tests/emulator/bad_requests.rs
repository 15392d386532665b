//! What cannot be ordered is refused with problem JSON, and nothing is written.

use reqwest::Method;
use serde_json::{Value, json};
use tests::emulator::shop::Shop;

/// A request that is wrong in one thing.
struct Case {
    what: &'static str,
    status: u16,
    body: String,
    media_type: &'static str,
}

fn case(what: &'static str, status: u16, body: impl ToString) -> Case {
    Case {
        what,
        status,
        body: body.to_string(),
        media_type: "application/json",
    }
}

/// The good body with one value replaced, or added, at a JSON pointer's parent.
fn with(good: &Value, parent: &str, field: &str, value: Value) -> Value {
    let mut body = good.clone();
    if let Some(Value::Object(fields)) = body.pointer_mut(parent) {
        fields.insert(field.to_owned(), value);
    }
    body
}

fn without(good: &Value, field: &str) -> Value {
    let mut body = good.clone();
    if let Value::Object(fields) = &mut body {
        fields.remove(field);
    }
    body
}

fn shapes(good: &Value) -> Vec<Case> {
    vec![
        case("no JSON", 400, "tea, please"),
        case("half of it", 400, r#"{"lines": ["#),
        case("an array", 400, "[]"),
        case("an unknown field", 400, with(good, "", "price", json!(1))),
        case(
            "an unknown field in a line",
            400,
            with(good, "/lines/0", "price", json!(1)),
        ),
        case(
            "an unknown field in the address",
            400,
            with(good, "/ship_to", "planet", json!("M")),
        ),
        case("no lines at all", 400, without(good, "lines")),
        case("no payment method", 400, without(good, "payment_method")),
        case("no address", 400, without(good, "ship_to")),
        case("more after it", 400, format!("{good} {good}")),
    ]
}

fn quantities(good: &Value) -> Vec<Case> {
    let quantity = |what, status, number: &str| {
        let body = with(good, "/lines/0", "quantity", json!("HERE")).to_string();
        case(what, status, body.replace("\"HERE\"", number))
    };
    vec![
        quantity("none", 422, "0"),
        quantity("less than none", 422, "-1"),
        quantity("too many", 422, "1001"),
        quantity("beyond 63 bits", 400, "9223372036854775808"),
        quantity("a half", 400, "1.5"),
        quantity("a text", 400, "\"1\""),
        quantity("nothing", 400, "null"),
    ]
}

fn contents(shop: &Shop, good: &Value) -> Vec<Case> {
    let lines = |names: &[&str]| {
        let line =
            |name: &&str| json!({"product_id": shop.product_id(name).as_str(), "quantity": 1});
        with(good, "", "lines", names.iter().map(line).collect())
    };
    let many: Vec<String> = (0..51).map(|number| format!("n{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    vec![
        case("an empty order", 422, lines(&[])),
        case("51 lines", 422, lines(&many)),
        case("501 pieces twice", 422, {
            let line = json!({"product_id": shop.product_id("tea").as_str(), "quantity": 501});
            with(good, "", "lines", json!([line, line]))
        }),
        case("an unknown product", 422, lines(&["ghost"])),
        case(
            "a product id with a space",
            422,
            with(good, "/lines/0", "product_id", json!("a b")),
        ),
        case("a product not on sale", 422, lines(&["old"])),
        case("two currencies", 422, lines(&["tea", "dollar"])),
        case(
            "a card number",
            422,
            with(good, "", "payment_method", json!("4242424242424242")),
        ),
        case(
            "no e-mail address",
            422,
            with(good, "", "contact", json!({"email": "me"})),
        ),
        case("another total", 409, {
            let total = json!({"minor": 1, "currency": "EUR"});
            with(good, "", "expected_total", total)
        }),
    ]
}

fn sizes(good: &Value) -> Vec<Case> {
    let long = "x".repeat(64 * 1024);
    let text = Case {
        media_type: "text/plain",
        ..case("another content type", 415, good)
    };
    vec![
        text,
        case(
            "more than 64 KiB",
            413,
            with(good, "/ship_to", "name", json!(long)),
        ),
    ]
}

#[tokio::test]
async fn a_bad_request_is_refused_and_nothing_is_written() {
    let shop = Shop::open("bad").await;
    shop.sell("tea", 1_200, 10).await;
    shop.list("old", 900, "EUR", false).await;
    shop.list("dollar", 900, "USD", true).await;
    let good = json!(shop.cart(&[("tea", 1)]).body);
    let mut cases = shapes(&good);
    cases.extend(quantities(&good));
    cases.extend(contents(&shop, &good));
    cases.extend(sizes(&good));
    for (number, case) in cases.into_iter().enumerate() {
        let cart = shop.cart(&[("tea", 1)]).under(&format!("bad-{number}"));
        shop.noted().orders.push(cart.id());
        let request = shop
            .request(Method::POST, "/orders")
            .bearer_auth(shop.token(&cart.customer))
            .header("idempotency-key", &cart.key)
            .header("content-type", case.media_type)
            .body(case.body);
        let answer = shop.ask(request).await;
        assert_eq!(answer.status, case.status, "{}: {}", case.what, answer.body);
        assert_eq!(
            answer.media_type, "application/problem+json",
            "{}",
            case.what
        );
        assert_eq!(answer.json()["status"], case.status, "{}", case.what);
    }
    nothing_written(&shop).await;
}

#[tokio::test]
async fn an_order_without_a_key_is_refused() {
    let shop = Shop::open("keyless").await;
    shop.sell("tea", 1_200, 10).await;
    let long = "k".repeat(256);
    for key in [None, Some(""), Some("with space"), Some(long.as_str())] {
        let cart = shop.cart(&[("tea", 1)]);
        let mut request = shop
            .request(Method::POST, "/orders")
            .bearer_auth(shop.token(&cart.customer))
            .json(&cart.body);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let answer = shop.ask(request).await;
        assert_eq!(answer.status, 400, "{key:?}: {}", answer.body);
        assert_eq!(answer.media_type, "application/problem+json");
    }
    nothing_written(&shop).await;
}

async fn nothing_written(shop: &Shop) {
    shop.check().await;
    let world = shop.world().await;
    assert!(world.orders.is_empty(), "{:?}", world.orders);
    assert!(world.leases.is_empty() && world.payments.is_empty() && world.shipments.is_empty());
    assert!(world.published.is_empty(), "{:?}", world.published);
    assert_eq!(shop.available("tea").await, 10);
}
