//! What comes before its turn, and what does not come at all.

use contracts::events::{Envelope, envelopes_of_order};
use domain::ports::Load;
use domain::{Aggregate, Order, OrderCommand, RefundId, Sequence};
use serde_json::json;
use testkit::build::an_order;
use testkit::{must, must_have};
use tests::emulator::aws;
use tests::emulator::cart::Cart;
use tests::emulator::inbox::{all_applied, forget_all_but_the_last, told};
use tests::emulator::mails::mails_to;
use tests::emulator::shop::{SOON, Shop, now};

/// Confirmed, and its customer was told.
async fn confirmed(shop: &Shop) -> (Cart, Vec<Envelope>) {
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    told(shop, &cart).await;
    assert_eq!(mails_to(&shop.stack, &cart.email()).await.len(), 1);
    let order: Option<Order> = must(shop.tables.orders.load(&cart.id()).await);
    let events = envelopes_of_order(&must_have(order), Sequence::NONE);
    (cart, events)
}

/// Completed and refunded arrive reversed: its customer is told of both, in their order.
#[tokio::test]
async fn f25_an_event_that_came_too_early_is_applied_in_its_turn() {
    let shop = Shop::open("early").await;
    let cart = shop.cart(&[]);
    let mut order = an_order()
        .with_id(cart.id())
        .with_contact(&cart.email())
        .confirmed();
    let id = RefundId::of_cancel();
    must(order.execute(&OrderCommand::RequestCancel, now()));
    must(order.execute(&OrderCommand::RecordRefunded { id }, now()));
    let events = envelopes_of_order(&order, Sequence::NONE);
    let (first, rest) = must_have(events.split_first());
    let queue = shop.stack.get("NOTIFY_QUEUE_URL");
    let send = async |event: &Envelope| aws::send(&shop.stack, queue, event, &event.id).await;
    send(first).await;
    for event in rest.iter().rev() {
        send(event).await;
    }
    all_applied(&shop.tables.realtime, &events).await;
    let told = mails_to(&shop.stack, &cart.email()).await;
    let [confirmed, refunded] = &told[..] else {
        panic!("{told:?}");
    };
    assert!(confirmed.contains("is confirmed"), "{confirmed}");
    assert!(refunded.contains("went back"), "{refunded}");
}

/// Its message was lost, or is from before there was the consumer: nobody sends it again by himself.
#[tokio::test]
async fn i5_what_did_not_come_is_asked_for() {
    let shop = Shop::open("missing").await;
    let (cart, events) = confirmed(&shop).await;
    let realtime = &shop.tables.realtime;
    forget_all_but_the_last(realtime, &events, now()).await;
    // The schedule does it within the minute, if it is not first.
    must(aws::invoke(&shop.stack, "close-gaps", &json!({})).await);
    all_applied(realtime, &events).await;
    assert_eq!(mails_to(&shop.stack, &cart.email()).await.len(), 1);
    shop.check().await;
}
