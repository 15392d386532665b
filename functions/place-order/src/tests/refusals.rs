//! What is refused, how, and that nothing is written then.

use super::*;

/// The basket with one member replaced.
fn with(pointer: &str, value: Value) -> Value {
    let mut body = a_basket();
    match pointer.rsplit_once('/') {
        Some((parent, member)) => {
            let parent = body.pointer_mut(parent).unwrap();
            match member.parse::<usize>() {
                Ok(at) => parent[at] = value,
                Err(_) => parent[member] = value,
            }
        }
        None => body = value,
    }
    body
}

fn lines(count: usize) -> Value {
    let line = |number: usize| json!({"product_id": format!("p{number}"), "quantity": 1});
    (0..count).map(line).collect()
}

/// Each body is refused so, and nothing is written.
async fn assert_refused(status: u16, slug: &str, bodies: impl IntoIterator<Item = Value>) {
    let shop = Shop::open();
    for body in bodies {
        let answer = shop.place("key-1", &body).await;
        assert_eq!(answer.problem(), (status, slug.to_owned()), "{body}");
        assert_eq!(answer.json()["status"], status);
    }
    assert_eq!(shop.orders.writes(), 0);
}

#[tokio::test]
async fn a_body_of_another_shape_is_refused_and_nothing_is_written() {
    let bodies = [
        json!([]),
        json!({}),
        with("/price", json!(1)),
        with("/lines/0/price", json!(1)),
        with("/ship_to/planet", json!("Mars")),
        with("/lines/0/quantity", json!(1.5)),
        with("/lines/0/quantity", json!("2")),
        with("/lines/0/quantity", json!(null)),
    ];
    assert_refused(400, "unexpected-body", bodies).await;
}

#[tokio::test]
async fn a_body_that_cannot_be_an_order_is_refused_and_nothing_is_written() {
    let bodies = [
        ("/lines", json!([])),
        ("/lines", lines(51)),
        ("/lines", lines(501)),
        ("/lines/0/quantity", json!(0)),
        ("/lines/0/quantity", json!(-1)),
        ("/lines/0/quantity", json!(1_001)),
        ("/lines/0/quantity", json!(i64::MAX)),
        ("/lines/0/product_id", json!("")),
        ("/lines/0/product_id", json!("no id")),
        ("/ship_to/name", json!(" ")),
        ("/ship_to/street", json!("a\nb")),
        ("/ship_to/city", json!("x".repeat(121))),
        ("/ship_to/country", json!("uk")),
        ("/payment_method", json!("")),
        ("/payment_method", json!("4242424242424242")),
        ("/contact", json!({"email": "nobody"})),
        ("/expected_total", json!({"minor": -1, "currency": "EUR"})),
    ];
    let bodies = bodies.map(|(pointer, value)| with(pointer, value));
    assert_refused(422, "invalid-body", bodies).await;
}

#[tokio::test]
async fn a_product_that_is_not_sold_is_refused_and_nothing_is_written() {
    let (gin, hat) = (json!("gin"), json!("hat"));
    assert_refused(422, "unknown-product", [with("/lines/0/product_id", gin)]).await;
    assert_refused(
        422,
        "product-not-on-sale",
        [with("/lines/0/product_id", hat)],
    )
    .await;
}

#[tokio::test]
async fn products_of_two_currencies_are_not_sold_together() {
    let shop = Shop::open();
    let dollars = domain::Currency::parse("USD").unwrap();
    let imported = Product {
        price: domain::Money::new(500, dollars).unwrap(),
        ..a_product("cup", 500)
    };
    shop.catalogue.put(&imported).await.unwrap();
    let refused = shop.place("key-1", &a_basket()).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert_eq!(shop.orders.writes(), 0);
}

#[tokio::test]
async fn a_refusal_points_at_what_is_wrong() {
    let shop = Shop::open();
    let body = with("/lines/1/quantity", json!(0));
    let answer = shop.place("key-1", &body).await;
    insta::assert_snapshot!(pretty(&answer.json()), @r#"
    {
      "type": "https://cartwright.example/problems/invalid-body",
      "title": "Invalid body",
      "status": 422,
      "detail": "/lines/1/quantity: a whole number from 1 to 1000",
      "errors": [
        {
          "pointer": "/lines/1/quantity",
          "detail": "a whole number from 1 to 1000"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn what_is_not_json_is_refused() {
    let shop = Shop::open();
    for text in ["", "{", "{} {}", "lines=tea"] {
        let answer = Ask::post(PATH, text)
            .by("alice")
            .with("idempotency-key", "key-1")
            .to(&shop.router)
            .await;
        assert_eq!(answer.status, 400, "{text}");
    }
    assert_eq!(shop.orders.writes(), 0);
}

#[tokio::test]
async fn a_body_over_64_kib_is_too_large() {
    let shop = Shop::open();
    let mut text = a_basket().to_string();
    let blanks = 64 * 1024 - text.len();
    text.push_str(&" ".repeat(blanks));
    let post = async |text: &str| {
        let ask = Ask::post(PATH, text).by("alice");
        ask.with("idempotency-key", "key-1").to(&shop.router).await
    };
    let refused = post(&format!("{text} ")).await;
    assert_eq!(refused.problem().0, 413);
    assert_eq!(shop.orders.writes(), 0);
    assert_eq!(post(&text).await.status, 201, "64 KiB are fine");
}

#[tokio::test]
async fn a_key_that_was_used_with_another_body_is_refused() {
    let shop = Shop::open();
    assert_eq!(shop.place("key-1", &a_basket()).await.status, 201);
    let reused = (422, "idempotency-key-reused".to_owned());
    let other = with("/lines/0/quantity", json!(3));
    assert_eq!(shop.place("key-1", &other).await.problem(), reused);
    let unknown = with("/lines/0/product_id", json!("gin"));
    assert_eq!(shop.place("key-1", &unknown).await.problem(), reused);
    assert_eq!(shop.orders.writes(), 1);
}

#[tokio::test]
async fn an_order_needs_a_usable_key() {
    let shop = Shop::open();
    let needed = (400, "idempotency-key".to_owned());
    let without = Ask::post(PATH, a_basket()).by("alice").to(&shop.router);
    assert_eq!(without.await.problem(), needed);
    for key in ["", "two words", &"k".repeat(256)] {
        let answer = shop.place(key, &a_basket()).await;
        assert_eq!(answer.problem(), needed, "{key}");
    }
    assert_eq!(shop.orders.writes(), 0);
    let longest = shop.place(&"k".repeat(255), &a_basket()).await;
    assert_eq!(longest.status, 201);
}

#[tokio::test]
async fn without_a_good_token_nothing_is_looked_at() {
    let shop = Shop::open();
    let post = || Ask::post(PATH, "no JSON").with("idempotency-key", "key-1");
    for ask in [post(), post().with_token("forged")] {
        assert_eq!(ask.to(&shop.router).await.status, 401);
    }
    assert_eq!((shop.catalogue.reads(), shop.orders.reads()), (0, 0));
}

#[tokio::test]
async fn a_store_that_is_down_is_told_as_unavailable() {
    let shop = Shop::open();
    shop.orders.fail_next_write(Fault::FailBefore);
    let refused = shop.place("key-1", &a_basket()).await;
    assert_eq!(refused.problem(), (503, "unavailable".to_owned()));
    assert_eq!(refused.header("retry-after"), "1");
    shop.catalogue.fail_next_read();
    let refused = shop.place("key-1", &a_basket()).await;
    assert_eq!(refused.problem(), (503, "unavailable".to_owned()));
    assert_eq!(shop.orders.writes(), 0);
}

#[tokio::test]
async fn an_order_that_vanished_after_a_conflict_is_tried_again_by_the_caller() {
    let shop = Shop::open();
    shop.orders.fail_next_write(Fault::Conflict);
    let raced = shop.place("key-1", &a_basket()).await;
    assert_eq!(raced.problem(), (503, "unavailable".to_owned()));
    assert_eq!(shop.orders.get(order_id(1)), None);
}

#[tokio::test]
async fn what_another_shop_sells_is_not_there() {
    let shop = Shop::open();
    let elsewhere = domain::Product {
        tenant: domain::TenantId::parse("other").unwrap(),
        ..a_product("coat", 100)
    };
    shop.catalogue.put(&elsewhere).await.unwrap();
    let mut basket = a_basket();
    basket["lines"] = json!([{"product_id": "coat", "quantity": 1}]);
    let answer = shop.place("key-1", &basket).await;
    assert_eq!(answer.problem(), (422, "unknown-product".to_owned()));
    assert!(shop.orders.all().is_empty());
}
