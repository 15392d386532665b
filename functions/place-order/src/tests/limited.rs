//! Callers are counted, and what that costs.

use http_edge::{Limits, Rates};
use testkit::fakes::FakeCounters;
use testkit::http::protect_limited;

use super::*;

/// A shop that counts its callers.
fn counting() -> (Shop, FakeCounters) {
    let shop = Shop::open();
    let app = App {
        orders: shop.orders.clone(),
        catalogue: shop.catalogue.clone(),
        tariff: Tariff::default(),
        clock: Clock::fixed(at(0)),
    };
    let counters = FakeCounters::default();
    let limits = Limits::new(counters.clone(), Rates::default(), || at(0));
    let router = protect_limited(api(app), limits);
    (Shop { router, ..shop }, counters)
}

#[tokio::test]
async fn with_something_of_the_limit_in_hand_an_order_is_one_write_and_nothing_else() {
    let (shop, counters) = counting();
    for number in 0..10 {
        let answer = shop.place(&format!("key-{number}"), &a_basket()).await;
        assert_eq!(answer.status, 201);
        assert!(answer.header("ratelimit").starts_with("\"user\";r="));
    }
    assert_eq!(counters.calls(), 1);
    assert_eq!((shop.orders.writes(), shop.orders.reads()), (10, 0));
}

#[tokio::test]
async fn an_order_is_not_refused_because_nobody_can_count() {
    let (shop, counters) = counting();
    counters.fail(true);
    assert_eq!(shop.place("key-1", &a_basket()).await.status, 201);
    assert_eq!(shop.place("key-2", &a_basket()).await.status, 201);
    assert_eq!(counters.calls(), 1);
}

#[tokio::test]
async fn whoever_sends_too_much_is_refused_before_anything_is_read_or_written() {
    let (shop, counters) = counting();
    for _ in 0..1_000 {
        let answer = shop.place("key-1", &json!({})).await;
        assert_eq!(answer.status, 400);
    }
    let calls = counters.calls();
    let refused = shop.place("key-1", &a_basket()).await;
    assert_eq!(refused.problem(), (429, "too-many-requests".to_owned()));
    assert!(counters.calls() <= calls + 2);
    let calls = counters.calls();
    shop.place("key-1", &a_basket()).await;
    assert_eq!(counters.calls(), calls);
    assert_eq!((shop.orders.writes(), shop.orders.reads()), (0, 0));
    assert_eq!(shop.catalogue.reads(), 0);
}
