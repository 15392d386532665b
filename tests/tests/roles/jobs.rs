//! The job of each function: everything that its role is for, in as few calls as possible.

use std::sync::atomic::{AtomicU32, Ordering};

use audit::{Head, Record, Shard};
use contracts::events::{Envelope, envelopes_of_shipment};
use domain::ports::{DeliveryOutcome, Load, ReadDeliveries, Save, change};
use domain::recovery::OPEN_FOR;
use domain::{Order, OrderId, OrderRejection, Sequence};
use dynamo_store::RealtimeTable;
use serde_json::{Value, json};
use testkit::webhook::signed;
use testkit::{must, must_have};
use tests::emulator::aws::{FunctionError, invoke, queue_event};
use tests::emulator::cart::Cart;
use tests::emulator::faults::Fault;
use tests::emulator::shop::{Answer, SOON, Shop, now};

use crate::policy::{each_is_needed, without};

mod archive;
mod commands;
mod erasure;
mod gaps;
mod groups;
mod heavy;
mod http;
mod metrics;
mod migrate;
mod profiles;
mod sockets;
mod subscribers;
mod texts;

fn expect_status(answer: &Answer, status: u16) -> Result<(), String> {
    if answer.status == status {
        return Ok(());
    }
    Err(format!("answered {}: {}", answer.status, answer.body))
}

fn done(answer: Result<Value, FunctionError>) -> Result<(), String> {
    answer
        .map(drop)
        .map_err(|it| format!("{}: {}", it.name, it.message))
}

/// The refusal that shows that the function looked and decided.
fn refused(answer: Result<Value, FunctionError>, name: &str) -> Result<(), String> {
    match answer {
        Err(error) if error.name == name => Ok(()),
        other => done(other).and(Err(format!("not refused as {name}"))),
    }
}

/// A consumer takes in all of these events.
async fn takes_in(shop: &Shop, function: &str, events: &[Envelope]) -> Result<(), String> {
    let answer = invoke(&shop.stack, function, &queue_event(events)).await;
    let answer = answer.map_err(|it| format!("{}: {}", it.name, it.message))?;
    match answer["batchItemFailures"].as_array() {
        Some(failures) if failures.is_empty() => Ok(()),
        _ => Err(answer.to_string()),
    }
}

/// The mail has left, and does not only wait as a row.
async fn mail_is_sent(table: &RealtimeTable, message: &str) -> Result<(), String> {
    match must(table.deliveries(&[message.to_owned()]).await).pop() {
        Some((_, DeliveryOutcome::Sent)) => Ok(()),
        other => Err(format!("the mail is not noted as sent: {other:?}")),
    }
}

/// A number for each run of a job, for names that nothing remembers.
#[derive(Debug, Default)]
struct Rounds(AtomicU32);

impl Rounds {
    fn name(&self, base: &str) -> String {
        format!("{base}{}", self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// An order that has come to its end.
async fn ended(shop: &Shop, lines: &[(&str, i64)]) -> Cart {
    let cart = shop.cart(lines);
    shop.place(&cart).await;
    shop.end_of(&cart, SOON).await;
    cart
}

#[tokio::test]
async fn start_saga_and_publish_events_need_their_roles() {
    let shop = Shop::alone("role-streams").await;
    shop.sell("tea", 100, 10).await;
    let cart = ended(&shop, &[("tea", 1)]).await;
    let record = shop.tables.stream_record_of(cart.id()).await;
    let refund = shop.tables.stream_record_of_refund(cart.id()).await;
    each_is_needed(&shop.stack, "start-saga", async || {
        done(invoke(&shop.stack, "start-saga", &refund).await)?;
        done(invoke(&shop.stack, "start-saga", &record).await)
    })
    .await;
    each_is_needed(&shop.stack, "publish-events", async || {
        done(invoke(&shop.stack, "publish-events", &record).await)
    })
    .await;
    shop.check().await;
}

/// The order is kept pending by a slow provider while it is decided.
#[tokio::test]
async fn orders_needs_its_role() {
    let shop = Shop::alone("role-orders").await;
    shop.sell("tea", 100, 100).await;
    each_is_needed(&shop.stack, "orders", async || {
        let cart = shop.cart(&[("tea", 1)]);
        let id = cart.id();
        Fault::new("payment.create", "slow")
            .times(1)
            .ms(4_000)
            .on(&shop.stack, id)
            .await;
        shop.place(&cart).await;
        let command = json!({
            "step": "decide", "order_id": id.to_string(), "epoch": 1, "want": "unwinding",
            "failure": {"Error": "Internal", "Cause": "{}"},
        });
        done(invoke(&shop.stack, "orders", &command).await)
    })
    .await;
    shop.check().await;
}

/// Leases of orders that nobody placed: only the inventory knows them.
#[tokio::test]
async fn inventory_needs_its_role() {
    let shop = Shop::alone("role-stock").await;
    shop.sell("tea", 100, 100).await;
    each_is_needed(&shop.stack, "inventory", async || {
        let id = shop.cart(&[("tea", 1)]).id();
        shop.noted().orders.push(id);
        let reserve = json!({
            "step": "reserve", "order_id": id.to_string(), "tenant": "main", "traceparent": "",
            "lines": [{"sku": shop.sku("tea").as_str(), "quantity": 1}],
        });
        done(invoke(&shop.stack, "inventory", &reserve).await)?;
        let release =
            json!({"step": "release", "order_id": id.to_string(), "decision": "unwinding"});
        done(invoke(&shop.stack, "inventory", &release).await)
    })
    .await;
    shop.check().await;
}

/// An order whose payment and shipment were closed before they began.
async fn closed(shop: &Shop) -> OrderId {
    shop.sell("tea", 100, 1).await;
    ended(shop, &[("tea", 2)]).await.id()
}

#[tokio::test]
async fn payments_needs_its_role() {
    let shop = Shop::alone("role-payments").await;
    let id = closed(&shop).await;
    each_is_needed(&shop.stack, "payments", async || {
        let authorise = json!({
            "step": "authorise", "order_id": id.to_string(), "tenant": "main", "traceparent": "",
            "amount": {"minor": 200, "currency": "EUR"}, "payment_method": "pm_card_visa",
        });
        refused(
            invoke(&shop.stack, "payments", &authorise).await,
            "PaymentClosed",
        )
    })
    .await;
    shop.check().await;
}

#[tokio::test]
async fn refunds_needs_its_role() {
    let shop = Shop::alone("role-refunds").await;
    shop.sell("tea", 100, 10).await;
    let id = ended(&shop, &[("tea", 1)]).await.id();
    let rounds = Rounds::default();
    each_is_needed(&shop.stack, "refunds", async || {
        // More than was captured is refused after a look; nothing goes back twice.
        let refund = |id: &OrderId, refund: String, minor: u32| {
            json!({
                "step": "refund", "order_id": id.to_string(), "refund_id": refund,
                "amount": {"minor": minor, "currency": "EUR"},
            })
        };
        let more = refund(&id, rounds.name("more"), 1_000);
        refused(invoke(&shop.stack, "refunds", &more).await, "RefundRefused")?;
        let other = ended(&shop, &[("tea", 1)]).await.id();
        shop.noted().orders.retain(|noted| *noted != other);
        let one = refund(&other, rounds.name("one"), 1);
        done(invoke(&shop.stack, "refunds", &one).await)
    })
    .await;
}

#[tokio::test]
async fn shipping_needs_its_role() {
    let shop = Shop::alone("role-shipping").await;
    let id = closed(&shop).await;
    let ship_to = shop.cart(&[]).body.ship_to;
    each_is_needed(&shop.stack, "shipping", async || {
        let create = json!({
            "step": "create", "order_id": id.to_string(), "tenant": "main", "traceparent": "",
            "ship_to": ship_to, "lines": [{"sku": shop.sku("tea").as_str(), "quantity": 2}],
        });
        refused(
            invoke(&shop.stack, "shipping", &create).await,
            "ShipmentCancelled",
        )?;
        let cancel = json!({"step": "cancel", "order_id": id.to_string(), "decision": "unwinding"});
        done(invoke(&shop.stack, "shipping", &cancel).await)
    })
    .await;
    shop.check().await;
}

/// The whole life of an order, told of an order that `notify` has not heard of.
#[tokio::test]
async fn notify_needs_its_role() {
    let shop = Shop::alone("role-notify").await;
    shop.sell("tea", 100, 10).await;
    let cart = ended(&shop, &[("tea", 1)]).await;
    shop.check().await;
    let mut events = shop.world().await.published;
    events.retain(|event| event.aggregate_kind() == "order");
    assert_eq!(events.len(), 2);
    let told = must(serde_json::to_string(&events));
    each_is_needed(&shop.stack, "notify", async || {
        let stranger = shop.cart(&[]).id().to_string();
        let events = told.replace(&cart.id().to_string(), &stranger);
        let events: Vec<Envelope> = must(serde_json::from_str(&events));
        takes_in(&shop, "notify", &events).await?;
        let confirmed = must_have(events.last());
        mail_is_sent(&shop.tables.realtime, &confirmed.id).await
    })
    .await;
}

/// News of parcels and payments of orders that nobody knows: what the functions look up, and note.
#[tokio::test]
async fn the_webhooks_need_their_roles() {
    let shop = Shop::alone("role-webhooks").await;
    shop.sell("tea", 100, 10).await;
    let cart = ended(&shop, &[("tea", 1)]).await;
    let rounds = Rounds::default();
    let secret = |of: &str| {
        let file = format!("CARTWRIGHT_{of}_WEBHOOK_SECRET");
        must(std::fs::read_to_string(shop.stack.get(&file)))
    };
    let hear = async |path: &str, header: &str, secret: &str, mut event: Value| {
        event["id"] = json!(rounds.name("evt_"));
        let body = event.to_string();
        let signature = signed(secret, now().as_second(), &body);
        let request = shop.request(reqwest::Method::POST, path);
        let answer = shop.ask(request.header(header, signature).body(body)).await;
        expect_status(&answer, 200)
    };
    let order = cart.id().to_string();
    let refused = json!({"type": "payment_intent.payment_failed", "data": {"object": {
        "id": "pi_other", "amount": 100, "currency": "eur", "status": "requires_payment_method",
        "metadata": {"order_id": order, "attempt": "1"},
    }}});
    let parcel = json!({"type": "parcel.delivered", "data": {"object": {
        "reference": order, "carrier": "parcelwise", "tracking_number": "other",
    }}});
    let (pays, ships) = (secret("PAYMENT"), secret("CARRIER"));
    each_is_needed(&shop.stack, "payments-webhook", async || {
        hear(
            "/payments/webhook",
            "stripe-signature",
            &pays,
            refused.clone(),
        )
        .await
    })
    .await;
    each_is_needed(&shop.stack, "shipping-webhook", async || {
        hear(
            "/shipping/webhook",
            "carrier-signature",
            &ships,
            parcel.clone(),
        )
        .await
    })
    .await;
    shop.check().await;
}

/// Orders that wait for their parcels; the events of each are told as if they had happened.
#[tokio::test]
async fn track_shipments_needs_its_role() {
    let shop = Shop::alone("role-track").await;
    shop.sell("tea", 100, 100).await;
    each_is_needed(&shop.stack, "track-shipments", async || {
        let id = shop.cart(&[]).id();
        let order = testkit::build::an_order().with_id(id).confirmed();
        must(shop.tables.orders.save(order).await);
        let shipment = testkit::build::a_shipment().of(id).handed_over();
        let events = envelopes_of_shipment(&shipment, Sequence::NONE);
        takes_in(&shop, "track-shipments", &events).await
    })
    .await;
}

/// An order whose time is just over and that no saga looks after: the next sweep lists it.
async fn forgotten(shop: &Shop) -> OrderId {
    let cart = shop.cart(&[("tea", 1)]);
    let placed_at = must(now().checked_sub(OPEN_FOR));
    let mut facts = testkit::build::an_order()
        .with_id(cart.id())
        .by(cart.customer_id())
        .placed_at(placed_at)
        .facts();
    for line in &mut facts.lines {
        line.sku = shop.sku("tea");
        line.product_id = shop.product_id("tea");
    }
    must(shop.tables.orders.save(Order::place(facts)).await);
    cart.id()
}

/// How many orders the sweeper took over, one more forgotten order being there to find.
async fn sweep(shop: &Shop) -> Result<u64, String> {
    let id = forgotten(shop).await;
    let answer = invoke(&shop.stack, "sweep", &json!({})).await;
    let answer = answer.map_err(|it| format!("{}: {}", it.name, it.message))?;
    let order: Option<Order> = must(shop.tables.orders.load(&id).await);
    if must_have(order).epoch.0 == 1 {
        // The schedule's sweep came between the order's time and its write.
        return Ok(0);
    }
    answer["taken_over"].as_u64().ok_or(answer.to_string())
}

/// Orders whose takeover was cut short are due in three minutes: now.
async fn forget_again(shop: &Shop) {
    let overdue = |order: Option<Order>| {
        let mut order = must_have(order);
        if !order.state.is_ended() {
            order.look_again_at(order.epoch, now())?;
        }
        Ok::<_, OrderRejection>(order)
    };
    for order in shop.world().await.orders {
        must(change(&shop.tables.orders, &order.facts.id, overdue).await);
    }
}

/// While `start-saga` may not start anything, orders lie about for the sweeper to find. The
/// schedule sweeps too, and may be there first: another order is forgotten then.
#[tokio::test]
async fn sweep_needs_its_role() {
    let shop = Shop::alone("role-sweep").await;
    shop.sell("tea", 1_200, 100).await;
    without(
        &shop.stack,
        "start-saga",
        "states:StartExecution",
        async || {
            each_is_needed(&shop.stack, "sweep", async || {
                for _ in 0..3 {
                    if sweep(&shop).await? > 0 {
                        return Ok(());
                    }
                }
                Err("nothing was left to take over".to_owned())
            })
            .await;
        },
    )
    .await;
    forget_again(&shop).await;
    must(done(invoke(&shop.stack, "sweep", &json!({})).await));
    shop.check().await;
}

/// Writes to the chain of an object, so that whoever remembers its end has to look again.
async fn write_to_chain_of(shop: &Shop, object: &str, message: &str) {
    let record = Record {
        object: object.to_owned(),
        ..testkit::build::an_audit_record(message)
    };
    let empty = Head::empty(Shard::of(object));
    let end = must(audit::last(&shop.tables.audit, empty).await);
    must(audit::append(&shop.tables.audit, end, &record).await);
}

#[tokio::test]
async fn write_audit_needs_its_role() {
    let shop = Shop::alone("role-audit").await;
    shop.sell("tea", 100, 10).await;
    let cart = ended(&shop, &[("tea", 1)]).await;
    shop.check().await;
    let published = shop.world().await.published;
    let placed = published.into_iter().find(|event| event.sequence == 1);
    let told = must(serde_json::to_string(&must_have(placed)));
    let rounds = Rounds::default();
    each_is_needed(&shop.stack, "write-audit", async || {
        let stranger = shop.cart(&[]).id().to_string();
        let event = told.replace(&cart.id().to_string(), &stranger);
        let event: Envelope = must(serde_json::from_str(&event));
        let message = format!("{stranger}/{}", rounds.name("m"));
        write_to_chain_of(&shop, &event.group(), &message).await;
        takes_in(&shop, "write-audit", &[event]).await
    })
    .await;
}

#[tokio::test]
async fn project_dashboard_needs_its_role() {
    let shop = Shop::alone("role-figures").await;
    let rounds = Rounds::default();
    each_is_needed(&shop.stack, "project-dashboard", async || {
        let named = testkit::build::a_course(&format!("{}-{}", shop.name(), rounds.name("c")), 0);
        let course = domain::Course {
            version: 1,
            ..named
        };
        let order = testkit::build::an_order().with_id(shop.cart(&[]).id());
        let mut events = contracts::events::envelopes_of_order(&order.pending(), Sequence::NONE);
        events.push(contracts::events::course_event(&course));
        takes_in(&shop, "project-dashboard", &events).await
    })
    .await;
}

/// It asks nothing of AWS but its queue: the database lets it in by the password in the address.
#[tokio::test]
async fn index_search_needs_its_role() {
    let shop = Shop::alone("role-index").await;
    let product = testkit::build::a_product(shop.name(), 100);
    let event = contracts::events::product_event(&domain::Product {
        version: 1,
        ..product
    });
    each_is_needed(&shop.stack, "index-search", async || {
        takes_in(&shop, "index-search", std::slice::from_ref(&event)).await
    })
    .await;
}

/// As above.
#[tokio::test]
async fn project_analytics_needs_its_role() {
    let shop = Shop::alone("role-reports").await;
    let order = testkit::build::an_order().with_id(shop.cart(&[]).id());
    let events = contracts::events::envelopes_of_order(&order.confirmed(), Sequence::NONE);
    each_is_needed(&shop.stack, "project-analytics", async || {
        takes_in(&shop, "project-analytics", &events).await
    })
    .await;
}

/// It asks nothing of AWS but its stream: as above.
#[tokio::test]
async fn keep_history_needs_its_role() {
    let shop = Shop::alone("role-history").await;
    let closed = json!({"Records": [{
        "eventName": "MODIFY",
        "dynamodb": {
            "Keys": {"pk": {"S": format!("NOTIFICATIONS#main#{}", shop.name())}},
            "NewImage": {
                "pk": {"S": format!("NOTIFICATIONS#main#{}", shop.name())},
                "entity": {"S": "notifications"},
                "closed": {"BOOL": true},
            },
            "SequenceNumber": "1",
        },
    }]});
    each_is_needed(&shop.stack, "keep-history", async || {
        done(invoke(&shop.stack, "keep-history", &closed).await)
    })
    .await;
}

#[tokio::test]
async fn anchor_audit_needs_its_role() {
    let shop = Shop::alone("role-anchor").await;
    write_to_chain_of(&shop, shop.name(), shop.name()).await;
    must(done(invoke(&shop.stack, "anchor-audit", &json!({})).await));
    each_is_needed(&shop.stack, "anchor-audit", async || {
        done(invoke(&shop.stack, "anchor-audit", &json!({})).await)
    })
    .await;
}
