//! The command line, as a person uses it.

use std::collections::BTreeMap;
use std::process::Stdio;

use domain::OrderId;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{must, must_have};
use tests::emulator::inbox::all_taken;
use tests::emulator::mails::mails_to;
use tests::emulator::shop::{SOON, Shop, now};
use tests::emulator::stack::Stack;
use tests::emulator::wait::until;
use tokio::io::AsyncWriteExt;

/// Runs `cartwright` and answers its exit code and what it said.
pub(crate) async fn cartwright(shop: &Shop, arguments: &[&str]) -> (Option<i32>, String) {
    told(shop, arguments, "").await
}

/// The same with something on its standard input.
async fn told(shop: &Shop, arguments: &[&str], input: &str) -> (Option<i32>, String) {
    told_in(shop.stack.environment(), arguments, input).await
}

/// The same with another environment than the stack's.
pub(crate) async fn told_in(
    environment: &BTreeMap<String, String>,
    arguments: &[&str],
    input: &str,
) -> (Option<i32>, String) {
    let started = tokio::process::Command::new(Stack::program("cartwright"))
        .args(arguments)
        .env_clear()
        .envs(environment)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut started = must(started);
    let mut stdin = must_have(started.stdin.take());
    must(stdin.write_all(input.as_bytes()).await);
    drop(stdin);
    let ran = must(started.wait_with_output().await);
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

#[tokio::test]
async fn the_first_admin_is_made_here_and_makes_others() {
    let shop = Shop::open("admin").await;
    let (dora, alice) = (
        format!("dora@{}.test", shop.name()),
        format!("alice@{}.test", shop.name()),
    );
    let password = "correct horse battery";
    let create = ["admin", "create", "--email", &dora, "--name", "Dora"];
    let (code, _) = told(&shop, &create, &format!("{password}\n")).await;
    assert_eq!(code, Some(0));
    let who = json!({"email": dora, "password": password});
    let signed_in = shop.send("/auth/login", &who).await.json();
    let token = must_have(signed_in["access_token"].as_str());
    let registration = json!({"email": alice, "password": password, "name": "Alice"});
    let alice = shop.send("/users", &registration).await.json();
    let path = format!(
        "/admin/users/{}/roles",
        must_have(alice["user_id"].as_str())
    );
    let appoint = shop
        .request(Method::PUT, &path)
        .bearer_auth(token)
        .header("if-match", "\"1\"")
        .json(&json!({"roles": ["customer", "support"]}));
    let appointed = shop.ask(appoint).await;
    assert_eq!(appointed.status, 200, "{}", appointed.body);
    assert_eq!(appointed.json()["roles"], json!(["customer", "support"]));
    let (again, _) = told(&shop, &create, &format!("{password}\n")).await;
    assert_eq!(again, Some(1));
    shop.check().await;
}
