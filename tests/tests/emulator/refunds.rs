//! Orders that are cancelled before and after the capture, and money that goes back in parts.

use domain::OrderId;
use http_edge::Role;
use http_edge::token::Claims;
use reqwest::Method;
use serde_json::{Value, json};
use tests::emulator::cart::Cart;
use tests::emulator::faults::{Fault, listen, parcel};
use tests::emulator::mails::mails_to;
use tests::emulator::shop::{Answer, SOON, Shop};
use tests::emulator::wait::until;

pub(crate) async fn cancel(shop: &Shop, cart: &Cart) -> Answer {
    let request = shop.request(Method::PUT, &format!("/orders/{}/cancel", cart.id()));
    shop.ask(request.bearer_auth(shop.token(&cart.customer)))
        .await
}

/// As one who runs the shop.
async fn run(shop: &Shop, method: Method, path: &str, (key, body): (&str, Value)) -> Answer {
    let claims = Claims {
        roles: vec![Role::Admin],
        ..shop.claims("dora")
    };
    let request = shop.request(method, path).header("idempotency-key", key);
    shop.ask(request.bearer_auth(shop.sign(&claims)).json(&body))
        .await
}

async fn reaches(shop: &Shop, cart: &Cart, status: &str) {
    let what = format!("{} to be {status}", cart.id());
    let look = || async { (shop.status(cart).await.status == status).then_some(()) };
    until(&what, SOON, look).await;
}

/// Captured and refunded at the provider.
async fn book(shop: &Shop, order: OrderId) -> (i64, i64) {
    let intents = shop.intents(order).await;
    let captured = intents.iter().map(|it| it.captured).sum();
    (captured, intents.iter().map(|it| it.refunded).sum())
}

#[tokio::test]
async fn an_order_that_is_cancelled_before_the_capture_is_never_charged() {
    let shop = Shop::open("cancel-early").await;
    shop.sell("tea", 100, 10).await;
    let cart = shop.cart(&[("tea", 2)]);
    Fault::new("payment.create", "slow")
        .times(1)
        .ms(3_000)
        .on(&shop.stack, cart.id())
        .await;
    shop.place(&cart).await;
    let answer = cancel(&shop, &cart).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    assert_eq!(answer.json()["outcome"], "cancelled");
    shop.ends(&cart, SOON, "cancelled", None).await;
    assert_eq!(book(&shop, cart.id()).await, (0, 0));
    assert_eq!(shop.available("tea").await, 10);
    shop.check().await;
    assert_eq!(cancel(&shop, &cart).await.status, 200);
}

#[tokio::test]
async fn an_order_that_is_cancelled_after_the_capture_is_paid_back_and_its_parcel_called_back() {
    let shop = Shop::open("cancel-late").await;
    shop.sell("tea", 100, 10).await;
    let cart = shop.cart(&[("tea", 2)]);
    shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    let answer = cancel(&shop, &cart).await;
    assert_eq!(
        answer.json()["outcome"],
        "refund_follows",
        "{}",
        answer.body
    );
    reaches(&shop, &cart, "refunded").await;
    assert_eq!(book(&shop, cart.id()).await, (200, 200));
    assert_eq!(shop.available("tea").await, 10);
    let parcels = shop.parcels(cart.id()).await;
    assert!(
        parcels.iter().all(|it| it.status == "cancelled"),
        "{parcels:?}"
    );
    shop.check().await;
    assert_eq!(cancel(&shop, &cart).await.json()["outcome"], "refunded");
}

#[tokio::test]
async fn an_order_is_refunded_in_part_and_then_in_full_once_per_key() {
    let shop = Shop::open("refund-parts").await;
    shop.sell("tea", 100, 10).await;
    let cart = shop.cart(&[("tea", 3)]);
    shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    let path = format!("/admin/orders/{}/refunds", cart.id());
    let one = json!({
        "lines": [{"product_id": shop.product_id("tea").as_str(), "quantity": 1}],
        "restock": true,
    });
    let first = run(&shop, Method::POST, &path, ("part", one.clone())).await;
    assert_eq!(first.status, 201, "{}", first.body);
    let again = run(&shop, Method::POST, &path, ("part", one)).await;
    assert_eq!(again.body, first.body);
    let look = || async { (book(&shop, cart.id()).await == (300, 100)).then_some(()) };
    until("a part to be back", SOON, look).await;
    shop.check().await;
    assert_eq!(shop.available("tea").await, 8);
    let rest = run(&shop, Method::POST, &path, ("rest", json!({}))).await;
    assert_eq!(
        rest.json()["refund"]["amount"]["minor"],
        200,
        "{}",
        rest.body
    );
    reaches(&shop, &cart, "refunded").await;
    assert_eq!(book(&shop, cart.id()).await, (300, 300));
    let more = run(&shop, Method::POST, &path, ("more", json!({}))).await;
    assert_eq!(more.status, 409, "{}", more.body);
    shop.check().await;
}

/// The provider gives back and does not answer: it is looked up, and nothing goes back twice.
#[tokio::test]
async fn a_refund_whose_answer_is_lost_goes_back_once() {
    let shop = Shop::open("refund-lost").await;
    shop.sell("tea", 100, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    Fault::new("payment.refund", "applied_no_answer")
        .times(1)
        .on(&shop.stack, cart.id())
        .await;
    assert_eq!(cancel(&shop, &cart).await.status, 202);
    reaches(&shop, &cart, "refunded").await;
    assert_eq!(book(&shop, cart.id()).await, (100, 100));
    shop.check().await;
}

#[tokio::test]
async fn what_is_on_its_way_is_not_cancelled_and_is_refunded_without_a_recall() {
    let shop = Shop::open("refund-shipped").await;
    shop.sell("tea", 100, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    listen(&shop.stack, cart.id()).await;
    shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    parcel(&shop.stack, cart.id(), "ship").await;
    reaches(&shop, &cart, "shipped").await;
    assert_eq!(cancel(&shop, &cart).await.status, 409);
    let path = format!("/admin/orders/{}/refunds", cart.id());
    let all = run(&shop, Method::POST, &path, ("all", json!({}))).await;
    assert_eq!(all.json()["refund"]["goods"], "gone", "{}", all.body);
    reaches(&shop, &cart, "refunded").await;
    assert_eq!(book(&shop, cart.id()).await, (100, 100));
    assert_eq!(shop.available("tea").await, 9);
    shop.check().await;
}

/// The carrier has the parcel and its webhook never comes: its answer to the recall says so. The
/// money goes back as promised, and the case is not asked about for ever.
#[tokio::test]
async fn a_parcel_that_left_before_its_recall_is_shown_as_handed_over() {
    let shop = Shop::open("recall-late").await;
    shop.sell("tea", 100, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    parcel(&shop.stack, cart.id(), "ship").await;
    assert_eq!(cancel(&shop, &cart).await.status, 202);
    reaches(&shop, &cart, "refunded").await;
    assert_eq!(book(&shop, cart.id()).await, (100, 100));
    assert_eq!(shop.available("tea").await, 9);
    let path = format!("/orders/{}/timeline", cart.id());
    let story = shop.get(&cart.customer, &path).await;
    let left = "cartwright.shipment.handed-over.v1";
    assert!(story.body.contains(left), "{}", story.body);
    shop.check().await;
    let email = cart.email();
    let back = format!("Money for your order {} went back", cart.id());
    let mailed = || async {
        mails_to(&shop.stack, &email)
            .await
            .contains(&back)
            .then_some(())
    };
    until("the mail", SOON, mailed).await;
}

#[tokio::test]
async fn nobody_cancels_or_refunds_what_is_not_theirs_to() {
    let shop = Shop::open("refund-access").await;
    shop.sell("tea", 100, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    let stranger = cart.clone().by(&shop.cart(&[]).customer);
    let request = shop.request(Method::PUT, &format!("/orders/{}/cancel", cart.id()));
    let foreign = shop
        .ask(request.bearer_auth(shop.token(&stranger.customer)))
        .await;
    assert_eq!(foreign.status, 404);
    let path = format!("/admin/orders/{}/refunds", cart.id());
    let request = shop
        .request(Method::POST, &path)
        .header("idempotency-key", "k");
    let own = request
        .bearer_auth(shop.token(&cart.customer))
        .json(&json!({}));
    assert_eq!(shop.ask(own).await.status, 403);
    assert_eq!(shop.status(&cart).await.status, "confirmed");
    shop.check().await;
}
