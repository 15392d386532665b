//! The audit log: what happened is in it, once, and what is done to it afterwards is found.

use std::collections::BTreeMap;

use audit::{Entry, KeepChains};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::OrderId;
use dynamo_store::key::Key;
use http_edge::Role;
use http_edge::token::Claims;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{must, must_have};
use tests::emulator::audit_log::{entries_of, says};
use tests::emulator::aws::invoke;
use tests::emulator::proxy;
use tests::emulator::shop::{Answer, SOON, Shop};
use tests::emulator::wait::until;

use crate::command_line::cartwright;

/// What was done to each object of an order, once all of it is told.
async fn told_of(shop: &Shop, id: OrderId) -> BTreeMap<String, Vec<String>> {
    until("the audit log tells of the order", SOON, || async {
        let mut told = BTreeMap::new();
        for kind in ["order", "payment"] {
            let entries = entries_of(shop, &format!("{kind}/{id}")).await;
            let actions = entries.into_iter().map(|entry| entry.record.action);
            told.insert(kind.to_owned(), actions.collect::<Vec<_>>());
        }
        let all: usize = told.values().map(Vec::len).sum();
        (all >= 4).then_some(told)
    })
    .await
}

/// What `cartwright audit verify` says of the chains: its exit code and what is bad.
async fn verify(shop: &Shop) -> (Option<i32>, Vec<Value>) {
    let (code, said) = cartwright(shop, &["audit", "verify", "--json"]).await;
    let lines = said.lines().map(|line| must(serde_json::from_str(line)));
    let bad = lines.filter(|line: &Value| !line["bad"].is_null());
    (code, bad.collect())
}

/// Writes another action into an entry, past all rules, and answers what stood there.
async fn set_action(shop: &Shop, entry: &Entry, action: &str) {
    let pk = Key::Audit(entry.shard, entry.position).pk();
    let written = shop
        .tables
        .client
        .update_item()
        .table_name(shop.stack.get("AUDIT_TABLE"))
        .key("pk", AttributeValue::S(pk))
        .update_expression("SET #action = :action")
        .expression_attribute_names("#action", "action")
        .expression_attribute_values(":action", AttributeValue::S(action.to_owned()))
        .send()
        .await;
    must(written);
}

/// A small entry and the mark of its message.
const UNITS: f64 = 2.0;

/// Entries that were written, and what they cost.
async fn written(shop: &Shop) -> (usize, f64) {
    let sums = proxy::trace(&shop.stack).await.into_iter();
    let writes =
        sums.filter(|sum| sum.caller.ends_with("write-audit") && sum.operation == "PutItem");
    let (calls, units) = writes.fold((0, 0.0), |(calls, units), sum| {
        let calls = calls + usize::try_from(sum.calls).unwrap_or_default();
        (calls, units + sum.units.write_units)
    });
    (calls / 2, units)
}

#[tokio::test]
async fn what_happened_to_an_order_and_its_money_is_told_once_and_an_edit_is_found() {
    let shop = Shop::alone("audit").await;
    shop.sell("tea", 1_200, 10).await;
    proxy::forget(&shop.stack).await;
    let cart = shop.cart(&[("tea", 1)]);
    shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    let told = told_of(&shop, cart.id()).await;
    let (writes, units) = written(&shop).await;
    assert!(writes >= 4, "{writes}");
    assert!(units <= UNITS * writes as f64, "{units} for {writes}");
    let told = |kind: &str| told[kind].iter().map(String::as_str).collect::<Vec<_>>();
    let order = [
        "cartwright.order.placed.v1",
        "cartwright.order.completed.v1",
    ];
    assert_eq!(told("order"), order);
    assert_eq!(told("payment").len(), 2);

    let entries = entries_of(&shop, &format!("order/{}", cart.id())).await;
    let placed = must_have(entries.first());
    let who = placed.record.actor.subject.as_ref();
    let who = who.and_then(|who| who.value().map(str::to_owned));
    assert_eq!(who.as_deref(), Some(cart.customer.as_str()));

    let anchored = must(invoke(&shop.stack, "anchor-audit", &json!({})).await);
    assert!(anchored["entries"].as_u64() >= Some(4), "{anchored}");
    assert_eq!(verify(&shop).await, (Some(0), vec![]));

    set_action(&shop, placed, "cartwright.order.cancelled.v1").await;
    let (code, bad) = verify(&shop).await;
    set_action(&shop, placed, &placed.record.action).await;
    assert_eq!(code, Some(5));
    assert_eq!(bad.len(), 1);
    assert_eq!(bad[0]["chain"], placed.shard.number());
    assert_eq!(bad[0]["bad"]["position"], placed.position);

    must(shop.tables.audit.erase(placed.shard, placed.position).await);
    let entries = entries_of(&shop, &format!("order/{}", cart.id())).await;
    assert!(!format!("{entries:?}").contains(&cart.customer));
    assert_eq!(verify(&shop).await, (Some(0), vec![]));
    shop.check().await;
}

const PASSWORD: &str = "correct horse battery";

async fn signs_in(shop: &Shop, email: &str, password: &str) -> Answer {
    let who = json!({"email": email, "password": password});
    shop.send("/auth/login", &who).await
}

fn admin(shop: &Shop) -> (String, String) {
    let name = format!("dora-{}", shop.name());
    let claims = Claims {
        roles: vec![Role::Admin],
        ..shop.claims(&name)
    };
    (name, shop.sign(&claims))
}

fn text(answer: &Answer, name: &str) -> String {
    must_have(answer.json()[name].as_str()).to_owned()
}

#[tokio::test]
async fn who_registers_signs_in_and_is_refused_is_told_with_who_and_from_where() {
    let shop = Shop::open("audit-account").await;
    let email = format!("{}@example.test", shop.name());
    let body = json!({"email": email, "password": PASSWORD, "name": "A. Buyer"});
    let registered = shop.send("/users", &body).await;
    assert_eq!(registered.status, 201, "{}", registered.body);
    let user = text(&registered, "user_id");
    assert_eq!(
        signs_in(&shop, &email, "wrong horse battery").await.status,
        401
    );
    let signed_in = signs_in(&shop, &email, PASSWORD).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.body);
    let access = text(&signed_in, "access_token");
    let out = json!({"refresh_token": text(&signed_in, "refresh_token")});
    assert_eq!(shop.send("/auth/logout", &out).await.status, 204);
    let list = shop.request(Method::GET, "/admin/orders");
    assert_eq!(shop.ask(list.bearer_auth(&access)).await.status, 403);
    let told = says(
        &shop,
        &format!("account/{user}"),
        &[
            format!("done cartwright.account.registered.v1 by account {user}"),
            "refused POST /api/v1/auth/login by unknown -".to_owned(),
            format!("done session.began by account {user}"),
            format!("done session.signed-out by account {user}"),
        ],
    )
    .await;
    for entry in &told {
        let from = &entry.record.from;
        assert!(
            from.address.is_some() && from.request.is_some(),
            "{entry:?}"
        );
        assert!(!format!("{entry:?}").contains(&email), "{entry:?}");
    }
    let refused = format!("refused GET /api/v1/admin/orders by account {user}");
    says(&shop, "route/api/v1/admin/orders", &[refused]).await;
}

#[tokio::test]
async fn who_cancels_refunds_and_changes_a_price_is_told_and_shown_to_the_admin() {
    let shop = Shop::open("audit-order").await;
    let (dora, token) = admin(&shop);
    shop.sell("tea", 1_200, 10).await;
    let (one, other) = (shop.cart(&[("tea", 1)]), shop.cart(&[("tea", 2)]));
    for cart in [&one, &other] {
        shop.place(cart).await;
        shop.ends(cart, SOON, "confirmed", None).await;
    }
    let cancel = shop.request(Method::PUT, &format!("/orders/{}/cancel", one.id()));
    let cancel = cancel.bearer_auth(shop.token(&one.customer));
    assert_eq!(shop.ask(cancel).await.status, 202);
    let refund = shop.request(
        Method::POST,
        &format!("/admin/orders/{}/refunds", other.id()),
    );
    let refund = refund.bearer_auth(&token).header("idempotency-key", "all");
    assert_eq!(shop.ask(refund.json(&json!({}))).await.status, 201);
    let product = shop.product_id("tea").to_string();
    let changed = json!({"sku": shop.sku("tea").as_str(), "name": "Tea", "status": "active",
        "price": {"minor": 1_300, "currency": "EUR"}});
    let change = shop.request(Method::PUT, &format!("/products/{product}"));
    let change = change.bearer_auth(&token).header("if-match", "\"1\"");
    assert_eq!(shop.ask(change.json(&changed)).await.status, 200);

    let placed = format!(
        "done cartwright.order.placed.v1 by account {}",
        one.customer
    );
    let asked = "done cartwright.order.cancel-requested.v1 by account";
    let cancelled = format!("{asked} {}", one.customer);
    says(&shop, &format!("order/{}", one.id()), &[placed, cancelled]).await;
    let granted = format!("done cartwright.order.refund-requested.v1 by account {dora}");
    says(&shop, &format!("order/{}", other.id()), &[granted]).await;
    let updated = format!("done cartwright.product.updated.v1 by account {dora}");
    says(&shop, &format!("product/{product}"), &[updated]).await;

    let path = format!("/admin/audit?object=product/{product}&limit=1");
    let shown = shop
        .ask(shop.request(Method::GET, &path).bearer_auth(&token))
        .await;
    let entry = shown.json()["entries"][0].clone();
    assert_eq!(entry["actor"]["id"], dora.as_str(), "{}", shown.body);
    assert!(entry["from"]["address"].is_string(), "{}", shown.body);
    assert_eq!(verify(&shop).await, (Some(0), vec![]));
    shop.check().await;
}
