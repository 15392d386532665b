//! Undo before do: a step that comes after its undo finds the door closed, here and at the
//! providers.

use serde_json::{Value, json};
use tests::emulator::aws::invoke;
use tests::emulator::cart::Cart;
use tests::emulator::shop::{SOON, Shop};

/// The commands of the first run, as the state machine writes them.
fn commands(shop: &Shop, cart: &Cart) -> [(&'static str, Value, &'static str); 3] {
    let order_id = cart.id();
    let lines = json!([{"sku": shop.sku("tea").as_str(), "quantity": 2}]);
    let head = |step: &str| json!({"step": step, "order_id": order_id.to_string(), "tenant": "main", "traceparent": ""});
    let mut reserve = head("reserve");
    reserve["lines"] = lines.clone();
    let mut authorise = head("authorise");
    authorise["amount"] = json!({"minor": 2_400, "currency": "EUR"});
    authorise["payment_method"] = json!("pm_card_visa");
    let mut create = head("create");
    create["ship_to"] = json!(cart.body.ship_to);
    create["lines"] = lines;
    [
        ("inventory", reserve, "LeaseEnded"),
        ("payments", authorise, "PaymentClosed"),
        ("shipping", create, "ShipmentCancelled"),
    ]
}

/// The first step failed, so every undo ran before its step. Then stock arrives, and what the run
/// had sent before it was overtaken lands at last.
#[tokio::test]
async fn a_step_that_lands_after_its_undo_is_refused() {
    let shop = Shop::open("late").await;
    shop.sell("tea", 1_200, 1).await;
    let cart = shop.cart(&[("tea", 2)]);
    let id = shop.place(&cart).await;
    shop.ends(&cart, SOON, "failed", Some("out_of_stock")).await;
    shop.restock("tea", 10).await;
    for (function, command, refusal) in commands(&shop, &cart) {
        let answer = invoke(&shop.stack, function, &command).await;
        let name = answer.map_err(|error| error.name);
        assert_eq!(name, Err(refusal.to_owned()), "{function}");
    }
    shop.check().await;
    assert_eq!(shop.available("tea").await, 11);
    assert!(shop.intents(id).await.is_empty());
    assert!(shop.parcels(id).await.iter().all(|it| !it.was_created));
}

/// The same after a run that had done every step, and after one that was confirmed.
#[tokio::test]
async fn a_step_that_lands_once_more_after_the_end_changes_nothing() {
    let shop = Shop::open("again").await;
    shop.sell("tea", 1_200, 10).await;
    let refused = shop.cart(&[("tea", 2)]).to_country("ZZ");
    let confirmed = shop.cart(&[("tea", 2)]);
    shop.place(&refused).await;
    shop.place(&confirmed).await;
    shop.ends(&refused, SOON, "failed", Some("address_rejected"))
        .await;
    shop.ends(&confirmed, SOON, "confirmed", None).await;
    for (function, command, refusal) in commands(&shop, &refused) {
        let answer = invoke(&shop.stack, function, &command).await;
        let name = answer.map_err(|error| error.name);
        assert_eq!(name, Err(refusal.to_owned()), "{function}");
    }
    for (function, command, _) in commands(&shop, &confirmed) {
        let answer = invoke(&shop.stack, function, &command).await;
        assert_eq!(answer, Ok(json!({})), "{function}");
    }
    shop.check().await;
    assert_eq!(shop.available("tea").await, 8);
}

/// No undo without the decision: release, void and cancel refuse while `charging` is what was
/// read, and capture and commit refuse `unwinding`.
#[tokio::test]
async fn a_command_with_the_wrong_decision_is_refused() {
    let shop = Shop::open("wrong").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 2)]);
    let id = shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    let wrong = [
        ("inventory", "release", "charging"),
        ("inventory", "commit", "unwinding"),
        ("payments", "void", "charging"),
        ("payments", "capture", "unwinding"),
        ("shipping", "cancel", "charging"),
    ];
    for (function, step, decision) in wrong {
        let command = json!({"step": step, "order_id": id.to_string(), "decision": decision});
        let answer = invoke(&shop.stack, function, &command).await;
        let name = answer.map_err(|error| error.name);
        assert_eq!(name, Err("WrongDecision".to_owned()), "{function} {step}");
    }
    shop.check().await;
}
