//! Orders and news of parcels that other services send to the queue: as good as by HTTP, and what is
//! refused is set aside with its reason while the others go on.

use contracts::commands::{PLACE_ORDER, TELL_PARCEL};
use domain::ports::Load;
use domain::{Order, Shipment};
use serde_json::{Value, json};
use testkit::{must, must_have};
use tests::emulator::aws;
use tests::emulator::cart::Cart;
use tests::emulator::shop::{SOON, Shop, stamp};
use tests::emulator::wait::until;

use crate::command_line::cartwright;

/// An order whose id follows from its sender and its command: the sender is called as the customer,
/// and the key is what the command makes of its id.
fn an_order(shop: &Shop, id: &str) -> Cart {
    let cart = shop.cart(&[("tea", 2)]).under(&format!("command {id}"));
    shop.noted().orders.push(cart.id());
    cart
}

fn command(cart: &Cart, id: &str, command_type: &str, data: &Value) -> Value {
    json!({
        "specversion": "1.0",
        "id": id,
        "source": cart.customer,
        "type": command_type,
        "data": data,
    })
}

fn place(cart: &Cart, id: &str) -> Value {
    let data = json!({"customer_id": cart.customer, "order": cart.body});
    command(cart, id, PLACE_ORDER, &data)
}

/// The number is the one that the carrier gave the parcel when it was booked.
async fn tell(shop: &Shop, cart: &Cart, happened: &str) -> Value {
    let shipment: Option<Shipment> = must(shop.tables.shipping.load(&cart.id()).await);
    let number = must_have(must_have(shipment).reference);
    let data = json!({
        "order_id": cart.id().to_string(),
        "happened": happened,
        "carrier": "parcelwise",
        "tracking_number": number.as_str(),
    });
    command(cart, happened, TELL_PARCEL, &data)
}

async fn send(shop: &Shop, command: &Value) {
    let queue = shop.stack.get("TAKE_COMMANDS_QUEUE_URL");
    aws::send_text(&shop.stack, queue, &command.to_string()).await;
}

async fn is_there(shop: &Shop, cart: &Cart) {
    until("the order is placed", SOON, || async {
        let found: Option<Order> = must(shop.tables.orders.load(&cart.id()).await);
        found
    })
    .await;
}

async fn reaches(shop: &Shop, cart: &Cart, status: &str) {
    let look = || async { (shop.status(cart).await.status == status).then_some(()) };
    until(status, SOON, look).await;
}

/// Why the command with this text was refused, as the command line shows it.
async fn reason(shop: &Shop, command: &Value) -> String {
    let show = [
        "dead-letters",
        "show",
        "take-commands",
        "--limit",
        "1000",
        "--bodies",
        "--json",
    ];
    let text = command.to_string();
    until("the command is refused", SOON, || async {
        let (code, said) = cartwright(shop, &show).await;
        assert_eq!(code, Some(0));
        let shown = said.lines().map(|line| must(serde_json::from_str(line)));
        let mut reasons = shown.filter(|it: &Value| it["body"] == text.as_str());
        let found = reasons.next()?;
        found["reason"].as_str().map(str::to_owned)
    })
    .await
}

#[tokio::test]
async fn an_order_by_queue_is_charged_once_and_shipped_like_one_by_http() {
    let shop = Shop::open("commands").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = an_order(&shop, "1");
    for _ in 0..3 {
        send(&shop, &place(&cart, "1")).await;
    }
    is_there(&shop, &cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    assert_eq!(shop.available("tea").await, 8);
    // The delivery is told first, and again.
    for happened in ["delivered", "handed_over", "delivered"] {
        send(&shop, &tell(&shop, &cart, happened).await).await;
    }
    reaches(&shop, &cart, "delivered").await;
    let captured = shop.intents(cart.id()).await;
    let captured: Vec<_> = captured.iter().map(|intent| intent.captured).collect();
    assert_eq!(captured, [2_400]);
    shop.check().await;
}

#[tokio::test]
async fn a_bad_command_is_set_aside_with_its_reason_and_others_go_on() {
    let shop = Shop::open("bad-commands").await;
    shop.sell("tea", 1_200, 10).await;
    let (good, other) = (an_order(&shop, "1"), an_order(&shop, "2"));
    let mut negative = place(&good, &format!("negative-{}", stamp()));
    negative["data"]["order"]["lines"][0]["quantity"] = json!(-1);
    let mut reused = place(&good, "1");
    reused["data"]["order"]["lines"][0]["quantity"] = json!(3);
    send(&shop, &negative).await;
    send(&shop, &place(&good, "1")).await;
    is_there(&shop, &good).await;
    send(&shop, &reused).await;
    send(&shop, &place(&other, "2")).await;
    is_there(&shop, &other).await;
    for cart in [&good, &other] {
        shop.ends(cart, SOON, "confirmed", None).await;
    }
    let place = "/data/order/lines/0/quantity";
    let bounds = format!("{place}: a whole number from 1 to 1000");
    assert_eq!(reason(&shop, &negative).await, bounds);
    let key = "the key was used with another body";
    assert_eq!(reason(&shop, &reused).await, key);
    assert_eq!(shop.available("tea").await, 6);
    shop.check().await;
}
