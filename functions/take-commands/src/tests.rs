//! Commands as the queue hands them over, behind the runner, against stores and dead letters in memory.

use std::fs;
use std::path::Path;

use contracts::commands::{PLACE_ORDER, REASON, TELL_PARCEL};
use domain::ports::Letter;
use domain::{Order, Shipment, ShipmentState, order_id};
use lambda_boot::{Env, queue};
use serde_json::{Value, json};
use testkit::build::{a_product, a_shipment, at, customer, handover, tenant};
use testkit::fakes::{FakeCatalogue, FakeOrders, FakeQueue, FakeShipments, Fault};

use super::*;

/// A shop that sells `p-0001`, with a parcel that is to be collected.
struct World {
    desk: Desk<FakeOrders, FakeCatalogue, FakeShipments>,
    dead_letters: FakeQueue,
}

impl World {
    fn open() -> Self {
        let desk = Desk {
            shop: tenant(),
            orders: FakeOrders::default(),
            catalogue: FakeCatalogue::default().with(a_product("p-0001", 1_200)),
            tariff: Tariff::default(),
            shipments: FakeShipments::default().with(a_shipment().created()),
        };
        Self {
            desk,
            dead_letters: FakeQueue::default(),
        }
    }

    /// The ids of the messages that go back.
    async fn send_all(&self, bodies: &[String]) -> Vec<String> {
        let record =
            |(number, body)| json!({"messageId": format!("message-{number}"), "body": body});
        let records: Vec<_> = bodies.iter().enumerate().map(record).collect();
        let handle = |message| handle(&self.desk, &self.dead_letters, at(0), message);
        let answer = queue::answer(handle, json!({ "Records": records })).await;
        answer.unwrap().returned().map(str::to_owned).collect()
    }

    /// Whether it was taken from the queue.
    async fn send(&self, command: &Value) -> bool {
        self.send_all(&[command.to_string()]).await.is_empty()
    }

    fn only_order(&self) -> Order {
        let orders = self.desk.orders.all();
        assert_eq!(orders.len(), 1);
        orders[0].clone()
    }

    fn shipment(&self) -> Shipment {
        let id = a_shipment().created().order_id;
        self.desk.shipments.get(id).unwrap()
    }

    /// Why commands were refused.
    fn reasons(&self) -> Vec<String> {
        let letters = self.dead_letters.letters();
        let reason = |letter: &Letter| letter.attributes[REASON].value.clone();
        letters.iter().map(reason).collect()
    }
}

fn fixture(command_type: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/contracts/fixtures");
    let file = folder.join(format!("commands/{command_type}.json"));
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

fn an_order() -> Value {
    fixture(PLACE_ORDER)
}

/// That the carrier has the one parcel.
fn a_parcel() -> Value {
    let mut command = fixture(TELL_PARCEL);
    command["data"]["order_id"] = json!(a_shipment().created().order_id.to_string());
    command["data"]["tracking_number"] = json!("parcel-test");
    command
}

fn altered(mut command: Value, pointer: &str, value: Value) -> Value {
    *command.pointer_mut(pointer).unwrap() = value;
    command
}

#[tokio::test]
async fn an_order_is_placed_for_its_customer_by_the_service_that_asked() {
    let world = World::open();
    assert!(world.send(&an_order()).await);
    let facts = world.only_order().facts;
    assert_eq!(facts.customer, customer("ada"));
    assert_eq!((facts.tenant, facts.placed_at), (tenant(), at(0)));
    assert_eq!(facts.totals.total().minor(), 2_400);
    assert_eq!(facts.contact.unwrap().email, "ada@example.org");
    let key = "command 4711";
    assert_eq!(facts.id, order_id(&tenant(), &customer("warehouse"), key));
    let author = world.desk.orders.authors().pop().flatten().unwrap();
    assert_eq!(author.kind, AuthorKind::Service);
    assert_eq!(author.subject.unwrap().as_str(), "warehouse");
    assert_eq!(world.reasons(), Vec::<String>::new());
}

#[tokio::test]
async fn a_command_that_comes_again_finds_its_order() {
    let world = World::open();
    for _ in 0..3 {
        assert!(world.send(&an_order()).await);
    }
    let later = altered(an_order(), "/time", json!("2026-07-21T12:00:00Z"));
    assert!(world.send(&later).await);
    world.only_order();
    assert_eq!(world.reasons(), Vec::<String>::new());
}

#[tokio::test]
async fn another_command_under_the_same_id_is_refused_and_the_order_stays() {
    let world = World::open();
    world.send(&an_order()).await;
    let order = world.only_order();
    let more = altered(an_order(), "/data/order/lines/0/quantity", json!(3));
    let bob = altered(an_order(), "/data/customer_id", json!("bob"));
    for other in [more, bob] {
        assert!(world.send(&other).await);
    }
    assert_eq!(world.reasons(), ["the key was used with another body"; 2]);
    assert_eq!(world.only_order(), order);
}

#[tokio::test]
async fn services_do_not_meet_under_each_others_ids() {
    let world = World::open();
    world.send(&an_order()).await;
    let kiosk = altered(an_order(), "/source", json!("kiosk"));
    assert!(world.send(&kiosk).await);
    assert_eq!(world.desk.orders.all().len(), 2);
}

#[tokio::test]
async fn what_is_refused_lies_in_the_dead_letters_as_it_came_with_its_reason() {
    let dear = json!({"minor": 1, "currency": "EUR"});
    let mut expecting = an_order();
    expecting["data"]["order"]["expected_total"] = dear;
    for (body, reason) in [
        (
            "{\"half\": ".to_owned(),
            "no command: EOF while parsing a value at line 1 column 9",
        ),
        (
            altered(an_order(), "/type", json!("cartwright.command.sing.v1")).to_string(),
            "there is no such type of command",
        ),
        (
            altered(an_order(), "/data/order/lines/0/quantity", json!(-1)).to_string(),
            "/data/order/lines/0/quantity: a whole number from 1 to 1000",
        ),
        (
            altered(an_order(), "/data/order/lines/0/product_id", json!("hat")).to_string(),
            "there is no product hat",
        ),
        (
            expecting.to_string(),
            "the total is 24.00 EUR, not 0.01 EUR",
        ),
    ] {
        let world = World::open();
        let back = world.send_all(std::slice::from_ref(&body)).await;
        assert_eq!(back, Vec::<String>::new());
        let letters = world.dead_letters.letters();
        assert_eq!((letters.len(), &letters[0].body), (1, &body));
        assert_eq!(world.reasons(), [reason]);
        assert_eq!(world.desk.orders.writes(), 0);
    }
}

/// It is in one of the two queues at any time.
#[tokio::test]
async fn what_cannot_be_set_aside_goes_back() {
    let world = World::open();
    world.dead_letters.set_down(true);
    let bad = altered(an_order(), "/id", json!(""));
    assert!(!world.send(&bad).await);
    world.dead_letters.set_down(false);
    assert!(world.send(&bad).await);
    assert_eq!(world.reasons().len(), 1);
}

#[tokio::test]
async fn what_may_work_later_goes_back_and_is_not_refused() {
    for fault in [Fault::FailBefore, Fault::AppliedButError] {
        let world = World::open();
        world.desk.orders.fail_next_write(fault);
        assert!(!world.send(&an_order()).await);
        assert!(world.send(&an_order()).await);
        world.only_order();
        world.desk.shipments.fail_next_write(fault);
        assert!(!world.send(&a_parcel()).await);
        assert!(world.send(&a_parcel()).await);
        assert_eq!(world.reasons(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_bad_command_holds_nobody_up() {
    let world = World::open();
    let bodies = [
        "nonsense".to_owned(),
        an_order().to_string(),
        altered(an_order(), "/data", json!({})).to_string(),
        a_parcel().to_string(),
    ];
    assert_eq!(world.send_all(&bodies).await, Vec::<String>::new());
    world.only_order();
    let handover = handover("parcel-test");
    assert_eq!(
        world.shipment().state,
        ShipmentState::HandedOver { handover }
    );
    assert_eq!(world.reasons().len(), 2);
}

#[tokio::test]
async fn a_parcel_is_followed_in_whatever_order_it_is_told() {
    let world = World::open();
    let delivered = altered(a_parcel(), "/data/happened", json!("delivered"));
    let delivered = altered(delivered, "/id", json!("scan-99-2"));
    for command in [&delivered, &a_parcel(), &delivered, &a_parcel()] {
        assert!(world.send(command).await);
    }
    let handover = handover("parcel-test");
    assert_eq!(
        world.shipment().state,
        ShipmentState::Delivered { handover }
    );
    assert_eq!(world.desk.shipments.news().len(), 2);
    let author = world.desk.shipments.authors().pop().flatten().unwrap();
    assert_eq!(author.subject.unwrap().as_str(), "depot");
}

/// Sent back when a person has mended what it is about, it is looked at again.
#[tokio::test]
async fn a_parcel_that_is_not_ours_is_refused_each_time() {
    let world = World::open();
    assert!(world.send(&a_parcel()).await);
    let before = world.shipment();
    let other = altered(a_parcel(), "/data/tracking_number", json!("other"));
    let other = altered(other, "/id", json!("scan-100"));
    for _ in 0..2 {
        assert!(world.send(&other).await);
    }
    let concern = Concern::OtherParcel.to_string();
    assert_eq!(world.reasons(), [concern.clone(), concern]);
    assert_eq!(world.shipment(), before);
}

#[tokio::test]
async fn a_parcel_of_another_shop_is_refused() {
    let mut world = World::open();
    world.desk.shop = TenantId::parse("other").unwrap();
    let before = world.shipment();
    let mut command = a_parcel();
    command.as_object_mut().unwrap().remove("tenant");
    assert!(world.send(&command).await);
    assert_eq!(world.reasons(), ["no parcel of this shop"]);
    assert_eq!(world.shipment(), before);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    assert_eq!(
        names,
        [
            "HOME_TENANT",
            "ORDERS_TABLE",
            "CATALOG_TABLE",
            "SHIPPING_TABLE",
            "TARIFF",
            "DEAD_LETTERS_URL"
        ]
    );
}
