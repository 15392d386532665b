//! What DynamoDB refuses under load, and what its callers make of it; and what we refuse callers.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use domain::OrderState;
use futures::future::join_all;
use limits::{Counters, End, Time, Update};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{must, must_have};
use tests::emulator::cart::Cart;
use tests::emulator::proxy;
use tests::emulator::shop::{Shop, now};

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

/// Has all but one of somebody's limit held elsewhere.
async fn leave_one(shop: &Shop, customer: &str, limit: u32) {
    let now = Time(must(u64::try_from(now().as_millisecond())));
    let update = Update {
        take: limit - 1,
        end: End::after(now, 600_000),
        at_most: 0,
        now,
        ..Update::default()
    };
    let key = format!("user#main#{customer}");
    let taken = shop.tables.operations.change(&key, &update).await;
    assert_eq!(must(taken).held, limit - 1);
}

/// Calls of the table of limits: reads, and writes.
async fn limit_calls(shop: &Shop) -> (u64, u64) {
    let table = shop.stack.get("OPERATIONS_TABLE");
    let trace = proxy::trace(&shop.stack).await;
    let count = |operation: &str| {
        let mut calls = 0;
        for sum in trace.iter().filter(|sum| sum.resource == table) {
            calls += if sum.operation == operation {
                sum.calls
            } else {
                0
            };
        }
        calls
    };
    (count("GetItem"), count("UpdateItem"))
}

fn limit_of_a_customer() -> u32 {
    let parameters = include_str!("../../../infra/parameters/local.json");
    let parameters: Value = must(serde_json::from_str(parameters));
    let limit = parameters["LimitPerUser"].as_str().map(str::parse);
    must(must_have(limit))
}

#[tokio::test]
async fn f34_of_64_requests_for_the_last_place_one_passes_whatever_address_they_claim() {
    let shop = Shop::alone("last-place").await;
    let customer = shop.cart(&[]).customer;
    leave_one(&shop, &customer, limit_of_a_customer()).await;
    let token = shop.token(&customer);
    let list = |number: usize| {
        let request = shop.request(Method::GET, "/orders").bearer_auth(&token);
        let forged = format!("198.51.100.{number}");
        shop.ask(request.header("x-forwarded-for", forged))
    };
    let answers = join_all((0..64).map(list)).await;
    let with = |status| answers.iter().filter(move |it| it.status == status);
    assert_eq!((with(200).count(), with(429).count()), (1, 63));
    for refused in with(429) {
        assert_eq!(
            refused.json()["type"],
            "https://cartwright.example/problems/too-many-requests"
        );
        assert!(
            refused
                .retry_after
                .is_some_and(|wait| (1..=60).contains(&wait))
        );
    }
    proxy::forget(&shop.stack).await;
    for number in 0..20 {
        assert_eq!(list(number).await.status, 429);
    }
    let (reads, writes) = limit_calls(&shop).await;
    println!("20 refused requests: {reads} reads, {writes} writes");
    assert_eq!(writes, 0);
    shop.check().await;
}
