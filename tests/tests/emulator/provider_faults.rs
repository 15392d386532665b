//! Providers that answer late, wrongly, or not at all. Whatever they do: no double charge, no lost
//! stock, nothing held that nobody closes, and the order ends soon after they are well again.

use std::time::{Duration, Instant};

use futures::future::join_all;
use tests::emulator::cart::Cart;
use tests::emulator::faults::{Fault, calls, heal};
use tests::emulator::shop::Shop;
use tests::emulator::wait::until;

/// From the healing of a short fault to the end of the order.
const HEALED: Duration = Duration::from_secs(300);
/// How long a fault that does not heal by itself stays.
const OUTAGE: Duration = Duration::from_secs(25);

/// Places an order on which this fault waits, and follows it to its end.
async fn order_with(shop: &Shop, fault: Fault) -> Cart {
    let cart = shop.cart(&[("tea", 1)]);
    let what = format!("{fault:?}");
    fault.on(&shop.stack, cart.id()).await;
    shop.place(&cart).await;
    let end = shop.end_of(&cart, HEALED).await;
    assert_eq!(end.status, "confirmed", "{what}: {end:?}");
    cart
}

/// One charge and one parcel for each, whatever was tried.
async fn all_end_with_one_charge(name: &str, faults: Vec<Fault>) {
    let shop = Shop::open(name).await;
    shop.sell("tea", 1_200, 100).await;
    let carts = join_all(faults.into_iter().map(|fault| order_with(&shop, fault))).await;
    shop.check().await;
    for cart in carts {
        let intents = shop.intents(cart.id()).await;
        let captured: Vec<_> = intents.iter().map(|it| (it.captured, it.open)).collect();
        assert_eq!(captured, [(1_200, 0)], "{}", cart.id());
    }
}

#[tokio::test]
async fn an_authorisation_without_an_answer_is_charged_once() {
    let at = "payment.create";
    let faults = vec![
        Fault::new(at, "applied_no_answer").times(1),
        Fault::new(at, "applied_no_answer")
            .times(1)
            .with("answer", "error500"),
        Fault::new(at, "error500").times(1),
        Fault::new(at, "drop").times(1),
        Fault::new(at, "down").times(1),
        Fault::new(at, "late_effect").times(1).ms(4_000),
        Fault::new(at, "late_effect").times(2).ms(9_000),
        Fault::new(at, "slow").times(1).ms(3_000),
    ];
    all_end_with_one_charge("authorise", faults).await;
}

#[tokio::test]
async fn a_capture_without_an_answer_is_charged_once() {
    let at = "payment.capture";
    let faults = vec![
        Fault::new(at, "applied_no_answer").times(1),
        Fault::new(at, "applied_no_answer").times(4),
        Fault::new(at, "applied_no_answer")
            .times(1)
            .with("answer", "error500"),
        Fault::new(at, "error500").times(1),
        Fault::new(at, "error500").times(5),
        Fault::new(at, "drop").times(1),
        Fault::new(at, "down").times(1),
        Fault::new(at, "late_effect").times(1).ms(4_000),
        Fault::new(at, "slow").times(1).ms(3_000),
    ];
    all_end_with_one_charge("capture", faults).await;
}

#[tokio::test]
async fn a_parcel_without_an_answer_is_booked_once() {
    let at = "carrier.create";
    let faults = vec![
        Fault::new(at, "applied_no_answer").times(1),
        Fault::new(at, "error500").times(1),
        Fault::new(at, "drop").times(1),
        Fault::new(at, "down").times(1),
        Fault::new(at, "late_effect").times(1).ms(4_000),
        Fault::new(at, "slow").times(1).ms(3_000),
    ];
    all_end_with_one_charge("parcel", faults).await;
}

/// The look-up does not help either: the call is repeated with the same key.
#[tokio::test]
async fn an_authorisation_that_no_look_up_finds_is_charged_once() {
    let shop = Shop::open("lag").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    let at = "payment.create";
    Fault::new(at, "applied_no_answer")
        .times(1)
        .on(&shop.stack, cart.id())
        .await;
    Fault::new("payment.list", "lookup_lag")
        .ms(60_000)
        .on(&shop.stack, cart.id())
        .await;
    shop.place(&cart).await;
    shop.ends(&cart, HEALED, "confirmed", None).await;
    shop.check().await;
    assert_eq!(shop.intents(cart.id()).await.len(), 1);
}

/// A capture that is refused for good lets the order go: close, then undo.
#[tokio::test]
async fn a_capture_that_is_declined_fails_the_order_without_a_charge() {
    let shop = Shop::open("uncaptured").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    Fault::new("payment.capture", "decline")
        .on(&shop.stack, cart.id())
        .await;
    shop.place(&cart).await;
    shop.ends(&cart, HEALED, "failed", Some("capture_refused"))
        .await;
    shop.check().await;
    assert_eq!(shop.available("tea").await, 10);
}

/// An undo whose answer is lost, or that cannot be sent, is repeated until it is answered.
#[tokio::test]
async fn an_undo_without_an_answer_is_repeated() {
    let shop = Shop::open("undo").await;
    shop.sell("tea", 1_200, 100).await;
    let faults = [
        Fault::new("payment.cancel", "applied_no_answer").times(1),
        Fault::new("payment.cancel", "error500").times(4),
        Fault::new("payment.cancel", "down").times(2),
        Fault::new("carrier.cancel", "applied_no_answer").times(1),
        Fault::new("carrier.cancel", "drop").times(4),
        Fault::new("carrier.cancel", "down").times(2),
    ];
    let carts: Vec<_> = faults
        .into_iter()
        .map(|fault| (shop.cart(&[("tea", 1)]).to_country("ZZ"), fault))
        .collect();
    let runs = carts.into_iter().map(|(cart, fault)| {
        let shop = &shop;
        async move {
            fault.on(&shop.stack, cart.id()).await;
            shop.place(&cart).await;
            shop.ends(&cart, HEALED, "failed", Some("address_rejected"))
                .await;
        }
    });
    join_all(runs).await;
    shop.check().await;
    assert_eq!(shop.available("tea").await, 100);
}

/// Waits until the fault was met so often, lets it stay for a while, heals it, and follows the
/// order to its end.
async fn outage(shop: &Shop, target: &str, kind: &str) {
    let cart = shop.cart(&[("tea", 1)]);
    let id = cart.id();
    Fault::new(target, kind).on(&shop.stack, id).await;
    shop.place(&cart).await;
    let begun = Instant::now();
    let met = || async {
        calls(&shop.stack, id)
            .await
            .contains_key(target)
            .then_some(())
    };
    until("the fault is met", HEALED, met).await;
    let long_enough = || async {
        let status = shop.status(&cart).await;
        assert!(!status.ended, "{target} {kind}: {status:?}");
        (begun.elapsed() > OUTAGE).then_some(())
    };
    until("the outage is over", HEALED, long_enough).await;
    heal(&shop.stack, id).await;
    let healed = Instant::now();
    let end = shop.end_of(&cart, HEALED).await;
    let took = healed.elapsed();
    println!("{target} {kind}: {} after {took:?}", end.status);
    assert_eq!(end.status, "confirmed", "{target} {kind}: {end:?}");
}

#[tokio::test]
async fn orders_end_within_five_minutes_of_the_end_of_an_outage() {
    let shop = Shop::open("outage").await;
    shop.sell("tea", 1_200, 100).await;
    let outages = [
        ("payment.create", "down"),
        ("payment.create", "error500"),
        ("payment.create", "hang"),
        ("payment.capture", "down"),
        ("payment.capture", "error500"),
        ("payment.capture", "hang"),
        ("carrier.create", "down"),
    ];
    let runs = outages.map(|(target, kind)| outage(&shop, target, kind));
    join_all(runs).await;
    shop.check().await;
    assert_eq!(shop.available("tea").await, 93);
}
