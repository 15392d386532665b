//! The command line, as a person uses it.

use std::process::Stdio;

use domain::OrderId;
use serde_json::Value;
use testkit::{must, must_have};
use tests::emulator::inbox::all_taken;
use tests::emulator::mails::mails_to;
use tests::emulator::shop::{SOON, Shop, now};
use tests::emulator::stack::Stack;
use tests::emulator::wait::until;

/// Runs `cartwright` and answers its exit code and what it said.
async fn cartwright(shop: &Shop, arguments: &[&str]) -> (Option<i32>, String) {
    let ran = tokio::process::Command::new(Stack::program("cartwright"))
        .args(arguments)
        .env_clear()
        .envs(shop.stack.environment())
        .stdin(Stdio::null())
        .output()
        .await;
    let ran = must(ran);
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    let complained = String::from_utf8_lossy(&ran.stderr).into_owned();
    println!("cartwright {}: {said}{complained}", arguments.join(" "));
    (ran.status.code(), said)
}

#[tokio::test]
async fn an_order_is_placed_followed_and_shown() {
    let shop = Shop::open("cli").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 2)]);
    let id = cart.id().to_string();
    shop.noted().orders.push(cart.id());
    let (_, token) = cartwright(&shop, &["token", "--customer", &cart.customer]).await;
    let token = token.trim();
    let line = format!("{}=2", shop.product_id("tea"));
    let place = [
        "order",
        "place",
        "--line",
        &line,
        "--key",
        &cart.key,
        "--email",
        "cli@example.test",
        "--token",
        token,
        "--watch",
        "--json",
    ];
    let (code, said) = cartwright(&shop, &place).await;
    assert_eq!(code, Some(0));
    let lines: Vec<Value> = said
        .lines()
        .map(|line| must(serde_json::from_str(line)))
        .collect();
    let last = must_have(lines.last());
    assert_eq!(last["status"], "confirmed", "{last}");
    assert!(said.contains(&id), "{said}");
    let (code, shown) = cartwright(&shop, &["order", "show", &id, "--token", token]).await;
    assert_eq!(code, Some(0));
    assert!(shown.contains("confirmed"), "{shown}");
    shop.check().await;
    assert_eq!(shop.available("tea").await, 8);
}

#[tokio::test]
async fn an_order_that_fails_is_told_by_the_exit_code() {
    let shop = Shop::open("cli-fails").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 2)]);
    let line = format!("{}=2", shop.product_id("tea"));
    let token = shop.token(&cart.customer);
    let place = [
        "order",
        "place",
        "--line",
        &line,
        "--key",
        &cart.key,
        "--payment-method",
        "pm_card_declined",
        "--token",
        &token,
        "--watch",
    ];
    let (code, said) = cartwright(&shop, &place).await;
    assert_eq!(code, Some(3), "{said}");
    shop.check().await;
}

#[tokio::test]
async fn a_replay_publishes_every_event_again_and_nobody_is_told_twice() {
    let shop = Shop::open("replay").await;
    shop.sell("tea", 1_200, 10).await;
    let since = now().to_string();
    let carts = [
        shop.cart(&[("tea", 1)]),
        shop.cart(&[("tea", 1)]).to_country("ZZ"),
    ];
    let mut ids: Vec<OrderId> = Vec::new();
    for cart in &carts {
        ids.push(shop.place(cart).await);
        shop.end_of(cart, SOON).await;
    }
    shop.check().await;
    let before = shop.world().await.published;
    let (code, _) = cartwright(&shop, &["events", "replay", "--since", &since, "--json"]).await;
    assert_eq!(code, Some(0));
    let twice = || async {
        let all = shop.world().await.published;
        let copies = |id: &str| all.iter().filter(|event| event.id == id).count();
        before
            .iter()
            .all(|event| copies(&event.id) >= 2)
            .then_some(())
    };
    until("every event comes again", SOON, twice).await;
    for cart in &carts {
        all_taken(&shop, cart).await;
        assert_eq!(mails_to(&shop.stack, &cart.email()).await.len(), 1);
    }
    shop.check().await;
}
