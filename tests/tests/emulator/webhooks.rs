//! What the third parties tell on their own account, late, often, in any order, and what others
//! tell in their name (F12, F13).

use std::collections::BTreeSet;

use domain::{OrderId, PaymentEvent};
use reqwest::Method;
use serde_json::json;
use testkit::webhook::signed;
use testkit::{must, must_have};
use tests::emulator::cart::Cart;
use tests::emulator::faults::{Delivery, Fault, deliveries, listen, parcel};
use tests::emulator::shop::{Answer, SOON, Shop, now};
use tests::emulator::wait::until;

async fn placed(shop: &Shop) -> Cart {
    shop.sell("tea", 100, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    listen(&shop.stack, cart.id()).await;
    cart
}

/// Waits until so many webhooks of one type were sent about the order, copies included.
async fn told(shop: &Shop, order: OrderId, kind: &str, count: usize) -> Vec<Delivery> {
    let what = format!("{count} of {kind}");
    let look = || async {
        let mut sent = deliveries(&shop.stack, order).await;
        sent.retain(|it| it.kind == kind);
        (sent.len() >= count).then_some(sent)
    };
    until(&what, SOON, look).await
}

async fn reaches(shop: &Shop, cart: &Cart, status: &str) {
    let what = format!("{} to be {status}", cart.id());
    let look = || async { (shop.status(cart).await.status == status).then_some(()) };
    until(&what, SOON, look).await;
}

async fn captures(shop: &Shop, order: OrderId) -> usize {
    let payment = must_have(shop.tables.payments(&[order].into()).await.pop());
    let captured = |event: &PaymentEvent| matches!(event, PaymentEvent::Captured { .. });
    let events = payment.events.all().iter();
    events.filter(|raised| captured(&raised.event)).count()
}

/// F12: the webhook is there long before the answer to the capture.
#[tokio::test]
async fn f12_a_capture_that_is_told_before_it_is_answered_is_one_capture() {
    let shop = Shop::open("hook-first").await;
    let cart = placed(&shop).await;
    Fault::new("payment.capture", "applied_no_answer")
        .times(1)
        .on(&shop.stack, cart.id())
        .await;
    shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    let sent = told(&shop, cart.id(), "payment_intent.succeeded", 1).await;
    assert!(sent.iter().all(|it| it.status == Some(200)), "{sent:?}");
    assert_eq!(captures(&shop, cart.id()).await, 1);
    shop.check().await;
}

/// F13: fifty copies, among forged ones and others of ten minutes ago, the delivery before the
/// hand-over.
#[tokio::test]
async fn f13_fifty_copies_among_forged_and_old_ones_have_one_effect() {
    let shop = Shop::open("hook-storm").await;
    let cart = placed(&shop).await;
    let order = cart.id();
    let storm = |target: &str| {
        let fault = Fault::new(target, "repeat").times(1);
        fault.with("genuine", 50).with("forged", 5).with("aged", 5)
    };
    storm("payment.webhook").on(&shop.stack, order).await;
    shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    let mut sent = told(&shop, order, "payment_intent.succeeded", 60).await;

    Fault::new("carrier.webhook", "swap")
        .times(1)
        .on(&shop.stack, order)
        .await;
    parcel(&shop.stack, order, "ship").await;
    storm("carrier.webhook").on(&shop.stack, order).await;
    parcel(&shop.stack, order, "deliver").await;
    sent.extend(told(&shop, order, "parcel.delivered", 60).await);
    sent.extend(told(&shop, order, "parcel.handed_over", 1).await);
    for delivery in &sent {
        let expected = match delivery.copy.as_str() {
            "genuine" => 200,
            "forged" => 401,
            _ => 400,
        };
        assert_eq!(delivery.status, Some(expected), "{delivery:?}");
    }
    assert_eq!(sent.len(), 121);
    reaches(&shop, &cart, "delivered").await;
    assert_eq!(captures(&shop, order).await, 1);
    shop.check().await;
    let events = shop.world().await.published;
    let of = |kind: &str| {
        let name = format!("cartwright.{kind}.v1");
        let ids = events.iter().filter(|it| it.event_type == name);
        ids.map(|event| &event.id).collect::<BTreeSet<_>>().len()
    };
    for kind in [
        "payment.captured",
        "shipment.handed-over",
        "shipment.delivered",
        "order.shipped",
        "order.delivered",
    ] {
        assert_eq!(of(kind), 1, "{kind}");
    }
}

#[tokio::test]
async fn an_order_is_followed_to_its_delivery_and_cannot_be_taken_back_from_the_carrier() {
    let shop = Shop::open("hook-parcel").await;
    let cart = placed(&shop).await;
    shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    parcel(&shop.stack, cart.id(), "ship").await;
    reaches(&shop, &cart, "shipped").await;
    parcel(&shop.stack, cart.id(), "deliver").await;
    reaches(&shop, &cart, "delivered").await;
    shop.check().await;
}

/// A webhook that is lost is told by nobody; one that is late is still taken in.
#[tokio::test]
async fn late_news_are_taken_in_and_lost_ones_are_not_missed() {
    let shop = Shop::open("hook-late").await;
    let cart = placed(&shop).await;
    Fault::new("payment.webhook", "drop")
        .on(&shop.stack, cart.id())
        .await;
    Fault::new("carrier.webhook", "slow")
        .ms(3_000)
        .on(&shop.stack, cart.id())
        .await;
    shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    parcel(&shop.stack, cart.id(), "ship").await;
    reaches(&shop, &cart, "shipped").await;
    shop.check().await;
}

async fn post(shop: &Shop, path: &str, header: &str, signature: &str, body: String) -> Answer {
    let request = shop.request(Method::POST, path).header(header, signature);
    shop.ask(request.body(body)).await
}

fn secret(shop: &Shop, of: &str) -> String {
    let file = format!("CARTWRIGHT_{of}_WEBHOOK_SECRET");
    must(std::fs::read_to_string(shop.stack.get(&file)))
}

/// An order that is confirmed, and whose webhooks nobody sends.
async fn confirmed(shop: &Shop) -> Cart {
    shop.sell("tea", 100, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    cart
}

/// A smaller corpus than that of the handlers, through the real front door.
#[tokio::test]
async fn parcels_that_nobody_signed_for_or_that_do_not_fit_have_no_effect() {
    let shop = Shop::open("hook-parcels").await;
    let cart = confirmed(&shop).await;
    let secret = secret(&shop, "CARRIER");
    let event = |order: &str| {
        let parcel = json!({"reference": order, "carrier": "parcelwise", "tracking_number": "CW1"});
        let data = json!({"object": parcel});
        json!({"id": "evt_corpus", "type": "parcel.delivered", "data": data}).to_string()
    };
    let time = now().as_second();
    let body = event(&cart.id().to_string());
    let good = signed(&secret, time, &body);
    let unknown = event("00000000-0000-8000-8000-00000000abcd");
    let signed_now = |body: &str| signed(&secret, time, body);
    for (what, signature, body, status) in [
        ("nothing signed", String::new(), body.clone(), 401),
        (
            "another secret",
            signed("x", time, &body),
            body.clone(),
            401,
        ),
        (
            "another body",
            good.clone(),
            body.replace("CW1", "CW2"),
            401,
        ),
        ("more of it", good.clone(), format!("{body}\n"), 401),
        ("old", signed(&secret, time - 600, &body), body.clone(), 400),
        (
            "of times to come",
            signed(&secret, time + 600, &body),
            body.clone(),
            400,
        ),
        ("no event", signed_now("[]"), "[]".to_owned(), 400),
        ("huge", good.clone(), " ".repeat(100_000), 413),
        ("another parcel", good.clone(), body.clone(), 200),
        (
            "an unknown order",
            signed_now(&unknown),
            unknown.clone(),
            200,
        ),
    ] {
        let path = "/shipping/webhook";
        let answer = post(&shop, path, "carrier-signature", &signature, body).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.body);
    }
    assert_eq!(shop.status(&cart).await.status, "confirmed");
    shop.check().await;
}

#[tokio::test]
async fn money_that_does_not_fit_has_no_effect() {
    let shop = Shop::open("hook-money").await;
    let cart = confirmed(&shop).await;
    let (order, secret) = (cart.id().to_string(), secret(&shop, "PAYMENT"));
    let intent = json!({
        "id": "pi_other", "amount": 1, "amount_received": 1, "currency": "eur",
        "status": "succeeded", "metadata": {"order_id": order, "attempt": "1"},
    });
    let data = json!({"object": intent});
    let body = json!({"id": "evt_corpus", "type": "payment_intent.succeeded", "data": data});
    let body = body.to_string();
    let (path, time) = ("/payments/webhook", now().as_second());
    for (header, secret, status) in [
        ("stripe-signature", "another secret", 401),
        ("carrier-signature", secret.as_str(), 401),
        ("stripe-signature", secret.as_str(), 200),
    ] {
        let signature = signed(secret, time, &body);
        let answer = post(&shop, path, header, &signature, body.clone()).await;
        assert_eq!(answer.status, status, "{header}: {}", answer.body);
    }
    assert_eq!(captures(&shop, cart.id()).await, 1);
    shop.check().await;
}
