//! How an order can end when nothing breaks.

use std::time::Duration;

use contracts::http::OrderBody;
use testkit::{must, must_have};
use tests::emulator::mails::{mails_to, texts_to};
use tests::emulator::shop::{SOON, Shop};
use tests::emulator::wait::until;

/// A mail follows the end of its order by stream, topic and queue.
const MAIL: Duration = Duration::from_secs(30);

#[tokio::test]
async fn an_order_is_charged_once_shipped_once_and_told_once() {
    let shop = Shop::open("confirmed").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 2)]);
    let id = shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;

    let answer = shop.get(&cart.customer, &format!("/orders/{id}")).await;
    let order: OrderBody = must(serde_json::from_str(&answer.body));
    let history = order.history.iter().map(|it| it.event_type.as_str());
    let steps = ["placed", "completed"].map(|step| format!("cartwright.order.{step}.v1"));
    assert!(history.eq(steps.iter().map(String::as_str)), "{order:?}");
    assert_eq!(order.total.minor, 2_400);

    let intents = shop.intents(id).await;
    let captured: Vec<_> = intents.iter().map(|it| (it.captured, it.open)).collect();
    assert_eq!(captured, [(2_400, 0)]);
    let parcels = shop.parcels(id).await;
    let parcels: Vec<_> = parcels.iter().map(|it| it.status.as_str()).collect();
    assert_eq!(parcels, ["created"]);
    assert_eq!(shop.available("tea").await, 8);

    let email = cart.email();
    let mailed = || async { (!mails_to(&shop.stack, &email).await.is_empty()).then_some(()) };
    until("the mail", MAIL, mailed).await;
    shop.check().await;
    let subject = format!("Your order {id} is confirmed");
    assert_eq!(mails_to(&shop.stack, &email).await, [subject]);
}

#[tokio::test]
async fn a_declined_card_fails_the_order_and_gives_the_stock_back() {
    let shop = Shop::open("declined").await;
    shop.sell("tea", 1_200, 10).await;
    for (card, code, words) in [
        ("pm_card_declined", "payment_declined", "ask the bank"),
        (
            "pm_card_insufficient",
            "payment_declined",
            "not enough money",
        ),
        (
            "pm_card_authenticationRequired",
            "action_required",
            "confirm the payment",
        ),
    ] {
        let cart = shop.cart(&[("tea", 2)]).paid_with(card);
        let id = shop.place(&cart).await;
        let failure = must_have(shop.end_of(&cart, SOON).await.failure);
        assert_eq!(failure.code, code);
        assert!(failure.detail.contains(words), "{}", failure.detail);
        let email = cart.email();
        let mailed = || async { texts_to(&shop.stack, &email).await.pop() };
        let text = until("the mail", MAIL, mailed).await;
        assert!(text.contains(words), "{text}");
        let subject = format!("Your order {id} could not be fulfilled");
        assert_eq!(mails_to(&shop.stack, &email).await, [subject]);
    }
    shop.check().await;
    assert_eq!(shop.available("tea").await, 10);
}

/// A payment method that the provider has never heard of, and a sum below the least that it charges:
/// refused for good, so nothing stays held.
#[tokio::test]
async fn a_payment_that_can_never_be_made_fails_the_order_and_gives_the_stock_back() {
    let shop = Shop::open("never").await;
    shop.sell("tea", 1_200, 10).await;
    shop.sell("air", 1, 10).await;
    let carts = [
        shop.cart(&[("tea", 2)]).paid_with("pm_unheard_of"),
        shop.cart(&[("air", 1)]),
    ];
    for cart in &carts {
        shop.place(cart).await;
        shop.ends(cart, SOON, "failed", Some("payment_declined"))
            .await;
    }
    shop.check().await;
    assert_eq!(
        (shop.available("tea").await, shop.available("air").await),
        (10, 10)
    );
}

#[tokio::test]
async fn what_is_not_there_fails_the_order_without_asking_anybody_for_money() {
    let shop = Shop::open("short").await;
    shop.sell("tea", 1_200, 10).await;
    shop.sell("pot", 4_900, 1).await;
    let cart = shop.cart(&[("tea", 1), ("pot", 2)]);
    let id = shop.place(&cart).await;
    let end = shop.end_of(&cart, SOON).await;
    let failure = end.failure.map(|it| (it.code, it.detail));
    let (code, detail) = testkit::must_have(failure);
    assert_eq!(code, "out_of_stock");
    let words = format!("{} ran out: 2 ordered, 1 left", shop.sku("pot"));
    assert_eq!(detail, words);
    shop.check().await;
    assert!(shop.intents(id).await.is_empty());
    assert_eq!(shop.available("tea").await, 10);
    assert_eq!(shop.available("pot").await, 1);
}

#[tokio::test]
async fn an_address_that_the_carrier_refuses_fails_the_order_and_frees_the_money() {
    let shop = Shop::open("refused").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 2)]).to_country("ZZ");
    let id = shop.place(&cart).await;
    shop.ends(&cart, SOON, "failed", Some("address_rejected"))
        .await;
    shop.check().await;
    let intents = shop.intents(id).await;
    let held: Vec<_> = intents
        .iter()
        .map(|it| (it.authorised, it.captured, it.open))
        .collect();
    assert_eq!(held, [(2_400, 0, 0)]);
    assert_eq!(shop.available("tea").await, 10);
}

#[tokio::test]
async fn fifty_lines_are_one_order() {
    let shop = Shop::open("fifty").await;
    let names: Vec<String> = (0..50).map(|number| format!("n{number}")).collect();
    for name in &names {
        shop.sell(name, 100, 5).await;
    }
    let lines: Vec<_> = names.iter().map(|name| (name.as_str(), 2)).collect();
    let cart = shop.cart(&lines);
    let id = shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    shop.check().await;
    let captured: Vec<_> = shop
        .intents(id)
        .await
        .iter()
        .map(|it| it.captured)
        .collect();
    assert_eq!(captured, [10_000]);
    assert_eq!(shop.available("n49").await, 3);
}
