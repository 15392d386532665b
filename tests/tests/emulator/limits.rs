//! What DynamoDB refuses under load, and what its callers make of it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use domain::OrderState;
use serde_json::json;
use tests::emulator::cart::Cart;
use tests::emulator::proxy;
use tests::emulator::shop::Shop;

use crate::crowds::all_ended;

/// How long half of all calls are refused.
const THROTTLED: Duration = Duration::from_secs(300);
/// Between two orders: the fault is to last, not the load.
const PAUSE: Duration = Duration::from_secs(2);
/// So many answered calls make an average.
const ENOUGH: u64 = 100;
/// What takes longer to be placed is not placed.
const REPEATS: usize = 30;

/// Places an order as a client should: refused, it waits as long as it is told and repeats.
/// Answers how often it was refused.
async fn place_patiently(shop: &Shop, cart: &Cart) -> usize {
    for refused in 0..REPEATS {
        let answer = shop.post(cart).await;
        match answer.status {
            201 => return refused,
            503 => assert!(answer.retry_after.is_some(), "503 without Retry-After"),
            status => panic!("{status} {}", answer.body),
        }
        tokio::time::sleep(Duration::from_secs(answer.retry_after.unwrap_or_default())).await;
    }
    panic!("not placed by {REPEATS} requests");
}

#[tokio::test]
async fn f27_while_dynamodb_refuses_half_of_all_calls_for_five_minutes_no_order_is_lost() {
    let shop = Shop::alone("throttled").await;
    shop.sell("tea", 1_200, 1_000).await;
    proxy::forget(&shop.stack).await;
    let half = json!([{"service": "dynamodb", "kind": "throttle", "share": 0.5}]);
    proxy::break_calls(&shop.stack, &half).await;
    let begun = Instant::now();
    let (mut placed, mut refused) = (0, 0);
    while begun.elapsed() < THROTTLED {
        let cart = shop.cart(&[("tea", 1)]);
        refused += place_patiently(&shop, &cart).await;
        placed += 1;
        tokio::time::sleep(PAUSE).await;
    }
    proxy::heal(&shop.stack).await;
    let trace = proxy::trace(&shop.stack).await;
    println!("{}: {placed} placed, {refused} times refused", shop.name());
    let mut callers: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for sum in trace.iter().filter(|sum| sum.service == "dynamodb") {
        let (calls, refused) = callers.entry(&sum.caller).or_default();
        *calls += sum.calls;
        *refused += sum.answered_here;
    }
    for (caller, (calls, refused)) in callers {
        let attempts = proxy::attempts(calls, refused);
        println!("{caller}: {calls} calls, {attempts:.2} attempts each");
        // Of fewer, chance alone may refuse too many.
        let enough = calls - refused >= ENOUGH;
        assert!(
            !enough || attempts <= proxy::ATTEMPTS,
            "{caller}: {attempts:.1} attempts"
        );
    }
    all_ended(&shop).await;
    shop.check().await;
    let world = shop.world().await;
    assert_eq!(world.orders.len(), placed);
    for order in &world.orders {
        let ended = matches!(
            order.state,
            OrderState::Confirmed { .. } | OrderState::Failed { .. }
        );
        assert!(ended, "{} is {:?}", order.facts.id, order.state);
    }
}
