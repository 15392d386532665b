//! Functions that die without warning, between their write and their answer.

use std::time::Duration;

use futures::future::join_all;
use tests::emulator::cart::Cart;
use tests::emulator::faults::{Fault, calls};
use tests::emulator::processes::{are_gone, ask_to_stop, kill};
use tests::emulator::shop::Shop;
use tests::emulator::wait::{until, within};

/// An order whose function was killed ends within this.
const PATIENT: Duration = Duration::from_secs(300);

/// Kills the function while the provider is slow to answer it, and follows the order to its end.
async fn killed_while_waiting(shop: &Shop, cart: Cart, function: &str, target: &str) {
    let id = cart.id();
    Fault::new(target, "slow")
        .times(1)
        .ms(3_000)
        .on(&shop.stack, id)
        .await;
    shop.place(&cart).await;
    let called = || async {
        calls(&shop.stack, id)
            .await
            .contains_key(target)
            .then_some(())
    };
    until("the provider is called", PATIENT, called).await;
    assert!(
        kill(&shop.stack, function) > 0,
        "no process of {function} was there"
    );
    let end = shop.end_of(&cart, PATIENT).await;
    println!("{target}: {}", end.status);
}

#[tokio::test]
async fn a_function_killed_while_a_provider_works_for_it_leaves_one_effect() {
    let shop = Shop::alone("killed").await;
    shop.sell("tea", 1_200, 10).await;
    let targets = [
        ("payments", "payment.create"),
        ("payments", "payment.capture"),
        ("shipping", "carrier.create"),
    ];
    for (function, target) in targets {
        let cart = shop.cart(&[("tea", 1)]);
        killed_while_waiting(&shop, cart.clone(), function, target).await;
        shop.ends(&cart, PATIENT, "confirmed", None).await;
    }
    for (function, target) in [
        ("payments", "payment.cancel"),
        ("shipping", "carrier.cancel"),
    ] {
        let cart = shop.cart(&[("tea", 1)]).to_country("ZZ");
        killed_while_waiting(&shop, cart.clone(), function, target).await;
        shop.ends(&cart, PATIENT, "failed", Some("address_rejected"))
            .await;
    }
    shop.check().await;
    assert_eq!(shop.available("tea").await, 7);
}

/// How long a function may take to stop.
const STOPPED: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_function_that_is_asked_to_stop_finishes_what_it_has_begun() {
    let shop = Shop::alone("stopped").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    let id = cart.id();
    let target = "payment.create";
    Fault::new(target, "slow")
        .times(1)
        .ms(2_000)
        .on(&shop.stack, id)
        .await;
    shop.place(&cart).await;
    let times = || async { calls(&shop.stack, id).await.get(target).cloned() };
    until("the provider is called", PATIENT, times).await;
    let asked = ask_to_stop(&shop.stack, "payments");
    assert!(!asked.is_empty(), "no process was there to be asked");
    let gone = || async { are_gone(&shop.stack, "payments", &asked).then_some(()) };
    until("they stop", STOPPED, gone).await;
    shop.ends(&cart, PATIENT, "confirmed", None).await;
    // What is cut off is done again; this was finished, and its answer was heard.
    assert_eq!(times().await, Some(1.into()));
    shop.check().await;
}

/// Where nothing can be slowed down, chance finds the moment: functions are killed again and again
/// while orders run.
#[tokio::test]
async fn functions_killed_at_random_leave_the_books_exact() {
    let shop = Shop::alone("random").await;
    shop.sell("tea", 1_200, 1_000).await;
    let functions = [
        "inventory",
        "orders",
        "payments",
        "shipping",
        "start-saga",
        "publish-events",
        "notify",
    ];
    let carts: Vec<Cart> = (0..40)
        .map(|number| match number % 4 {
            0 => shop.cart(&[("tea", 1)]).to_country("ZZ"),
            1 => shop.cart(&[("tea", 1)]).paid_with("pm_card_declined"),
            _ => shop.cart(&[("tea", 1)]),
        })
        .collect();
    let orders = join_all(carts.iter().map(|cart| async {
        shop.place(cart).await;
        shop.end_of(cart, PATIENT).await
    }));
    let mut killed = 0;
    let mut turn = functions.iter().cycle();
    let killing = within(Duration::from_secs(20), || {
        let next = turn.next().copied().unwrap_or_default();
        killed += kill(&shop.stack, next);
        std::future::ready(None::<()>)
    });
    let (ends, _) = futures::future::join(orders, killing).await;
    println!("{killed} processes killed");
    assert!(
        killed > 10,
        "only {killed} processes were there to be killed"
    );
    let confirmed = ends.iter().filter(|end| end.status == "confirmed").count();
    shop.check().await;
    let confirmed = u32::try_from(confirmed).unwrap_or_default();
    assert_eq!(shop.available("tea").await, 1_000 - confirmed);
}
