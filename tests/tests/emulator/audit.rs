//! The audit log: what happened is in it, once, and what is done to it afterwards is found.

use std::collections::BTreeMap;

use audit::{Entry, KeepChains, Shard};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::OrderId;
use dynamo_store::AuditTable;
use dynamo_store::key::Key;
use serde_json::{Value, json};
use testkit::{must, must_have};
use tests::emulator::aws::invoke;
use tests::emulator::proxy;
use tests::emulator::shop::{SOON, Shop};
use tests::emulator::wait::until;

use crate::command_line::cartwright;

/// What the chains say of an object, in their order.
async fn entries_of(shop: &Shop, object: &str) -> Vec<Entry> {
    let table = &shop.tables.audit;
    let shard = Shard::of(object);
    let mut found = Vec::new();
    let mut first = 1;
    loop {
        let page = must(table.entries(shard, first, AuditTable::PAGE).await);
        let whole = page.iter().all(Option::is_some);
        let entries = page.into_iter().flatten();
        found.extend(entries.filter(|entry| entry.record.object == object));
        if !whole {
            return found;
        }
        first += AuditTable::PAGE as u64;
    }
}

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

/// A small entry and the mark of its message, each doubled by the transaction.
const UNITS: f64 = 4.0;

/// Entries that were written, and what each cost.
async fn written(shop: &Shop) -> (usize, f64) {
    let sums = proxy::trace(&shop.stack).await.into_iter();
    let writes = sums
        .filter(|sum| sum.caller.ends_with("write-audit") && sum.operation == "TransactWriteItems");
    writes.fold((0, 0.0), |(calls, units), sum| {
        let calls = calls + usize::try_from(sum.calls).unwrap_or_default();
        (calls, units + sum.units.write_units)
    })
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
