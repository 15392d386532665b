//! The idempotency key: one key of one customer is one order, for ever.

use std::time::Duration;

use futures::future::join_all;
use tests::emulator::shop::{SOON, Shop};
use tests::emulator::wait::until;

/// A product is kept in memory for half a minute.
const PRICE_SEEN: Duration = Duration::from_secs(60);

#[tokio::test]
async fn the_same_post_sixteen_times_at_once_is_one_order() {
    let shop = Shop::open("sixteen").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    let answers = join_all((0..16).map(|_| shop.post(&cart))).await;
    let bodies: Vec<_> = answers
        .iter()
        .map(|it| (it.status, it.body.as_str()))
        .collect();
    assert!(bodies.iter().all(|it| *it == bodies[0]), "{bodies:?}");
    assert_eq!(bodies[0].0, 201);
    let replayed = answers.iter().filter(|it| it.replayed).count();
    assert_eq!(replayed, 15);
    shop.ends(&cart, SOON, "confirmed", None).await;
    shop.check().await;
    assert_eq!(shop.world().await.orders.len(), 1);
    assert_eq!(shop.intents(cart.id()).await.len(), 1);
    assert_eq!(shop.available("tea").await, 9);
}

#[tokio::test]
async fn a_key_used_for_another_body_is_refused_and_the_order_stands() {
    let shop = Shop::open("reused").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    shop.place(&cart).await;
    let other = shop.cart(&[("tea", 2)]).by(&cart.customer);
    let answer = shop.post(&other).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    let kind = "https://cartwright.example/problems/idempotency-key-reused";
    assert_eq!(answer.json()["type"], kind);
    shop.ends(&cart, SOON, "confirmed", None).await;
    shop.check().await;
    assert_eq!(shop.available("tea").await, 9);
}

#[tokio::test]
async fn the_same_key_of_another_customer_is_an_order_of_their_own() {
    let shop = Shop::open("theirs").await;
    shop.sell("tea", 1_200, 10).await;
    let (one, other) = (shop.cart(&[("tea", 1)]), shop.cart(&[("tea", 1)]));
    assert_eq!(one.key, other.key);
    let first = shop.place(&one).await;
    let answer = shop.post(&other).await;
    assert!(!answer.replayed);
    assert!(!answer.body.contains(&first.to_string()), "{}", answer.body);
    shop.ends(&one, SOON, "confirmed", None).await;
    shop.ends(&other, SOON, "confirmed", None).await;
    shop.check().await;
    assert_eq!(shop.available("tea").await, 8);
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer_after_the_price_changed_and_after_the_product_left() {
    let shop = Shop::open("prices").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    let first = shop.post(&cart).await;
    assert_eq!(first.status, 201, "{}", first.body);

    shop.list("tea", 1_900, "EUR", true).await;
    let dearer = || async {
        let answer = shop.post(&shop.cart(&[("tea", 1)])).await;
        (answer.json()["total"]["minor"] == 1_900).then_some(())
    };
    // Each try is an order; the shelf is large enough for all of them.
    shop.restock("tea", 1_000).await;
    until("the new price", PRICE_SEEN, dearer).await;
    let repeat = shop.post(&cart).await;
    assert_eq!((repeat.status, &repeat.body), (201, &first.body));
    assert!(repeat.replayed);

    shop.list("tea", 1_900, "EUR", false).await;
    let withdrawn = || async {
        let answer = shop.post(&shop.cart(&[("tea", 1)])).await;
        (answer.status == 422).then_some(())
    };
    until("the product is withdrawn", PRICE_SEEN, withdrawn).await;
    let repeat = shop.post(&cart).await;
    assert_eq!((repeat.status, &repeat.body), (201, &first.body));
    assert!(repeat.replayed);
    shop.ends(&cart, SOON, "confirmed", None).await;
    shop.check().await;
}
