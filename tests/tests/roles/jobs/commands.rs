//! What `take-commands` needs: all that `place-order` and `shipping-webhook` write, and the dead letters.

use contracts::commands::{PLACE_ORDER, TELL_PARCEL};
use domain::ports::Save;
use serde_json::{Value, json};
use testkit::must;
use tests::emulator::aws::{invoke, queue_event_of};
use tests::emulator::cart::Cart;
use tests::emulator::shop::Shop;

use super::Rounds;
use crate::policy::each_is_needed;

fn command(id: &str, command_type: &str, data: &Value) -> String {
    let source = "warehouse";
    json!({"specversion": "1.0", "id": id, "source": source, "type": command_type, "data": data})
        .to_string()
}

fn order(id: &str, cart: &Cart) -> String {
    let data = json!({"customer_id": cart.customer, "order": cart.body});
    command(id, PLACE_ORDER, &data)
}

#[tokio::test]
async fn take_commands_needs_its_role() {
    let shop = Shop::alone("role-commands").await;
    let rounds = Rounds::default();
    each_is_needed(&shop.stack, "take-commands", async || {
        let names = ["a", "b", "c"].map(|base| rounds.name(base));
        for product in &names {
            shop.sell(product, 100, 10).await;
        }
        let [one, two, three] = &names;
        let parcel = shop.cart(&[]).id();
        let shipment = testkit::build::a_shipment().of(parcel).created();
        must(shop.tables.shipping.save(shipment).await);
        let told = json!({
            "order_id": parcel.to_string(), "happened": "handed_over",
            "carrier": "parcelwise", "tracking_number": "parcel-test",
        });
        let id = |what: &str| format!("{}-{what}-{one}", shop.name());
        let commands = [
            order(&id("one"), &shop.cart(&[(one, 1)])),
            order(&id("more"), &shop.cart(&[(two, 1), (three, 1)])),
            order(&id("unknown"), &shop.cart(&[("unknown", 1)])),
            command(&id("parcel"), TELL_PARCEL, &told),
        ];
        let answer = invoke(&shop.stack, "take-commands", &queue_event_of(&commands)).await;
        let answer = answer.map_err(|it| format!("{}: {}", it.name, it.message))?;
        match answer["batchItemFailures"].as_array() {
            Some(failures) if failures.is_empty() => Ok(()),
            _ => Err(answer.to_string()),
        }
    })
    .await;
}
