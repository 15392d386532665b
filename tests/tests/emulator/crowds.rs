//! Many at once.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use domain::ports::ListOpenOrders;
use domain::{OrderId, OrderState, Sku};
use futures::StreamExt;
use futures::stream;
use serde_json::json;
use testkit::invariants::World;
use testkit::must;
use tests::emulator::aws;
use tests::emulator::cart::Cart;
use tests::emulator::mails::mails;
use tests::emulator::probe;
use tests::emulator::proxy;
use tests::emulator::shop::{Shop, now};

/// Requests under way at one time.
const IN_FLIGHT: usize = 64;
const ORDERS: usize = 1_000;
/// All placed and all ended: generous, for two busy cores.
const LIMIT: Duration = Duration::from_secs(900);
/// Between two looks at the index.
const PAUSE: Duration = Duration::from_secs(3);

async fn place_all(shop: &Shop, carts: &[Cart]) {
    let begun = Instant::now();
    let mut placing = stream::iter(carts)
        .map(|cart| shop.post(cart))
        .buffer_unordered(IN_FLIGHT);
    let mut placed = 0;
    while let Some(answer) = placing.next().await {
        assert_eq!(answer.status, 201, "{}", answer.body);
        placed += 1;
        if placed % 250 == 0 {
            println!(
                "{}: {placed} placed after {:?}",
                shop.name(),
                begun.elapsed()
            );
        }
    }
}

/// Waits until none of these is open any more. Only those that were are looked at again: whoever
/// waits must not slow down what they wait for.
pub(crate) async fn all_ended(shop: &Shop) {
    let begun = Instant::now();
    let mut open: Vec<OrderId> = shop.noted().orders.to_vec();
    loop {
        let unended = must(shop.tables.orders.unended(&open).await);
        open = unended.iter().map(|order| order.id).collect();
        let left = open.len();
        println!("{}: {left} open after {:?}", shop.name(), begun.elapsed());
        // Deleting from a long queue takes the emulator long, so it is kept short on the way.
        probe::drain(&shop.stack).await;
        if left == 0 {
            break;
        }
        assert!(begun.elapsed() < LIMIT, "{left} are open after {LIMIT:?}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// Waits until every customer was told, and holds against it that nobody was told twice. Also keeps
/// the mails of the crowd out of the way of whoever comes next.
async fn all_told(shop: &Shop, carts: &[Cart]) {
    let begun = Instant::now();
    loop {
        let mails = mails(&shop.stack).await;
        let of = |cart: &Cart| mails.get(&cart.email()).map_or(0, Vec::len);
        let told = carts.iter().filter(|cart| of(cart) > 0).count();
        println!("{}: {told} told after {:?}", shop.name(), begun.elapsed());
        if told == carts.len() {
            assert!(
                carts.iter().all(|cart| of(cart) == 1),
                "somebody was told twice"
            );
            break;
        }
        assert!(begun.elapsed() < LIMIT, "{told} were told after {LIMIT:?}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// Says how the orders ended, and how many needed help on the way.
fn tell(shop: &Shop, world: &World) {
    let mut ends: BTreeMap<&str, u32> = BTreeMap::new();
    for order in &world.orders {
        let end = match &order.state {
            OrderState::Failed { failure } => failure.code.name(),
            other => other.name(),
        };
        *ends.entry(end).or_default() += 1;
        if order.epoch.0 > 1 {
            *ends.entry("with more than one run").or_default() += 1;
        }
    }
    println!("{}: {ends:?}", shop.name());
}

/// Plays DynamoDB's limits, which the emulator does not have, until [`no_storm`].
async fn with_limits(name: &str) -> Shop {
    let shop = Shop::alone(name).await;
    proxy::forget(&shop.stack).await;
    proxy::play(&shop.stack, &proxy::dynamodb()).await;
    shop
}

/// Holds against every function that it did not ask more often than need be, and answers how many
/// calls the limits refused.
async fn no_storm(shop: &Shop) -> u64 {
    proxy::play(&shop.stack, &json!({})).await;
    let trace = proxy::trace(&shop.stack).await;
    for sum in &trace {
        let attempts = proxy::attempts(sum.calls, sum.answered_here);
        assert!(
            attempts <= proxy::ATTEMPTS,
            "{attempts:.1} attempts: {sum:?}"
        );
    }
    let refused = trace.iter().map(|sum| sum.answered_here).sum();
    println!(
        "{}: {refused} calls were refused by the limits",
        shop.name()
    );
    refused
}

#[tokio::test]
async fn f2_a_thousand_orders_of_three_products_in_any_order_meet_and_none_is_lost() {
    let shop = with_limits("thousand").await;
    let begun = now().as_millisecond();
    // Transactions last longer than on DynamoDB, because a machine with few processors has few of
    // them under way: so that they meet.
    let mut limits = proxy::dynamodb();
    limits["service_latency_ms"] = json!({"dynamodb": 20});
    proxy::play(&shop.stack, &limits).await;
    let names: Vec<String> = (0..30).map(|number| format!("n{number}")).collect();
    for (number, name) in (0..).zip(&names) {
        // One runs out on the way.
        let pieces = if number == 0 { 10 } else { 1_000 };
        shop.sell(name, 100 + number, pieces).await;
    }
    let cart = |number: usize| {
        let product = |step: usize| names[(number * 7 + step * 13) % names.len()].as_str();
        // Each begins somewhere else, so that no order of locking could save it.
        let mut lines = [(product(0), 1), (product(1), 2), (product(2), 1)];
        lines.rotate_left(number % 3);
        let cart = shop.cart(&lines);
        match number % 20 {
            0 => cart.paid_with("pm_card_declined"),
            1 => cart.to_country("ZZ"),
            _ => cart,
        }
    };
    let carts: Vec<Cart> = (0..ORDERS).map(cart).collect();
    place_all(&shop, &carts).await;
    all_ended(&shop).await;
    assert!(no_storm(&shop).await > 0, "no transaction met another");
    let inventory = format!("/aws/lambda/{}", shop.stack.function("inventory"));
    let gave_up = aws::log_lines(&shop.stack, &inventory, begun).await;
    let gave_up = gave_up
        .iter()
        .find(|line| line.contains("met other transactions"));
    assert_eq!(gave_up, None, "a step did not try again for long enough");
    all_told(&shop, &carts).await;
    shop.check().await;
    let world = shop.world().await;
    tell(&shop, &world);
    let confirmed = world
        .orders
        .iter()
        .filter(|order| matches!(order.state, OrderState::Confirmed { .. }));
    let confirmed = confirmed.count();
    assert!(confirmed > ORDERS / 2, "{confirmed}");
}

#[tokio::test]
async fn of_a_thousand_buyers_of_the_last_piece_one_gets_it_and_one_is_charged() {
    let shop = with_limits("last").await;
    shop.sell("tea", 1_200, 1).await;
    let carts: Vec<Cart> = (0..ORDERS).map(|_| shop.cart(&[("tea", 1)])).collect();
    place_all(&shop, &carts).await;
    all_ended(&shop).await;
    no_storm(&shop).await;
    all_told(&shop, &carts).await;
    shop.check().await;
    let world = shop.world().await;
    tell(&shop, &world);
    let mut confirmed = 0;
    for order in &world.orders {
        match &order.state {
            OrderState::Confirmed { .. } => confirmed += 1,
            OrderState::Failed { failure } => assert_eq!(failure.code.name(), "out_of_stock"),
            other => panic!("{} is {other:?}", order.facts.id),
        }
    }
    assert_eq!((confirmed, world.orders.len()), (1, ORDERS));
    let charges = world
        .provider
        .iter()
        .filter(|entry| entry.captured > 0)
        .count();
    assert_eq!((charges, world.provider.len()), (1, 1));
    let sku: Sku = shop.sku("tea");
    let left: Vec<_> = world
        .stock
        .iter()
        .map(|it| (&it.sku, it.available))
        .collect();
    assert_eq!(left, [(&sku, 0)]);
}
