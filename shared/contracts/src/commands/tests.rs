//! Commands are read as HTTP reads the same, and each is told from every other.

use std::fs;
use std::path::Path;

use domain::order_id;
use serde_json::json;

use super::*;

fn shop() -> TenantId {
    TenantId::parse("main").unwrap()
}

fn fixture(command_type: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/commands");
    let text = fs::read_to_string(folder.join(format!("{command_type}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The command in which one place has another value.
fn altered(command_type: &str, pointer: &str, value: Value) -> Value {
    let mut command = fixture(command_type);
    *command.pointer_mut(pointer).unwrap() = value;
    command
}

fn read(command: &Value) -> Result<Asked, InvalidCommand> {
    Command::parse(&command.to_string())?.asked_of(&shop())
}

fn placement(command: &Value) -> ParsedPlacement {
    match read(command).unwrap().wanted {
        Wanted::Order(_, placement) => *placement,
        Wanted::Parcel(told) => panic!("{told:?}"),
    }
}

#[test]
fn an_order_is_read_as_http_reads_it() {
    let command = fixture(PLACE_ORDER);
    let body: PlaceOrder = serde_json::from_value(command["data"]["order"].clone()).unwrap();
    let by_http = body.parse().unwrap();
    let by_queue = placement(&command);
    assert_ne!(by_queue.hash, by_http.hash);
    let hash = by_http.hash;
    assert_eq!(ParsedPlacement { hash, ..by_queue }, by_http);
    let asked = read(&command).unwrap();
    let customer = CustomerId::parse("ada").unwrap();
    assert!(matches!(asked.wanted, Wanted::Order(whose, _) if whose == customer));
    assert_eq!(
        (asked.source.as_str(), asked.id.as_str()),
        ("warehouse", "4711")
    );
}

/// What is told of their orders would be told to the whole group.
#[test]
fn nobody_orders_as_a_group() {
    let group = "group:0190163d-8694-7000-8000-000000000001";
    let command = altered(PLACE_ORDER, "/data/customer_id", json!(group));
    let refused = read(&command).unwrap_err();
    assert!(matches!(refused, InvalidCommand::Content(it) if it.pointer == "/data/customer_id"));
}

#[test]
fn a_parcel_is_read() {
    let told = read(&fixture(TELL_PARCEL)).unwrap();
    let Wanted::Parcel(parcel) = &told.wanted else {
        panic!("{told:?}");
    };
    assert_eq!(parcel.happened, ParcelHappened::HandedOver);
    assert_eq!(parcel.handover.tracking_number.as_str(), "GB123456785");
    let delivered = altered(TELL_PARCEL, "/data/happened", json!("delivered"));
    let Wanted::Parcel(parcel) = read(&delivered).unwrap().wanted else {
        panic!("no parcel");
    };
    assert_eq!(parcel.happened, ParcelHappened::Delivered);
}

/// Whoever sends a command knows the order's id before it is placed: the guide has this one.
#[test]
fn a_sender_can_tell_the_id_of_the_order() {
    let asked = read(&fixture(PLACE_ORDER)).unwrap();
    let id = order_id(&shop(), &asked.source, &asked.key());
    let guide = include_str!("../../../../docs/guides/join-by-queue.md");
    let said = format!("order_id(\"warehouse\", \"4711\") == \"{id}\"");
    assert!(guide.contains(&said), "{id}");
}

#[test]
fn the_same_order_for_another_customer_is_another_request() {
    let ada = fixture(PLACE_ORDER);
    let bob = altered(PLACE_ORDER, "/data/customer_id", json!("bob"));
    assert_ne!(placement(&ada).hash, placement(&bob).hash);
    let again = placement(&altered(PLACE_ORDER, "/id", json!("4712")));
    assert_eq!(placement(&ada).hash, again.hash);
}

#[test]
fn news_are_remembered_by_sender_and_id() {
    let id = |source: &str, id: &str| {
        let mut command = fixture(TELL_PARCEL);
        command["source"] = json!(source);
        command["id"] = json!(id);
        read(&command).unwrap().news_id(&shop()).unwrap()
    };
    assert_eq!(id("depot", "1"), id("depot", "1"));
    assert_ne!(id("depot", "1"), id("depot", "2"));
    assert_ne!(id("depot", "1"), id("harbour", "1"));
}

#[test]
fn what_is_wrong_is_told_by_its_place() {
    for (pointer, value, reason) in [
        ("/specversion", json!("0.3"), "/specversion: must be 1.0"),
        (
            "/id",
            json!("a b"),
            "/id: must be 1 to 255 visible ASCII characters",
        ),
        (
            "/id",
            json!(""),
            "/id: must be 1 to 255 visible ASCII characters",
        ),
        (
            "/type",
            json!("cartwright.command.place-order.v2"),
            "there is no such type of command",
        ),
        (
            "/data/order/lines/0/quantity",
            json!(0),
            "/data/order/lines/0/quantity: a whole number from 1 to 1000",
        ),
        (
            "/data/order/ship_to/country",
            json!("gb"),
            "/data/order/ship_to/country: a country code of two capital letters",
        ),
        (
            "/data",
            json!({"customer_id": "ada"}),
            "data: missing field `order`",
        ),
    ] {
        let refused = read(&altered(PLACE_ORDER, pointer, value)).unwrap_err();
        assert_eq!(refused.to_string(), reason);
    }
    let source = read(&altered(PLACE_ORDER, "/source", json!("a b"))).unwrap_err();
    assert!(source.to_string().starts_with("/source: "), "{source}");
    let happened = read(&altered(TELL_PARCEL, "/data/happened", json!("lost"))).unwrap_err();
    assert_eq!(
        happened.to_string(),
        "/data/happened: must be handed_over or delivered"
    );
    assert!(Command::parse("{").is_err());
}

#[test]
fn a_price_in_an_order_is_refused() {
    let mut command = fixture(PLACE_ORDER);
    command["data"]["order"]["lines"][0]["unit_price_minor"] = json!(1);
    let refused = read(&command).unwrap_err();
    assert!(matches!(refused, InvalidCommand::Data(_)), "{refused}");
}

#[test]
fn a_command_for_another_shop_is_refused() {
    let mut command = fixture(PLACE_ORDER);
    command["tenant"] = json!("main");
    assert!(read(&command).is_ok());
    command["tenant"] = json!("other");
    assert!(matches!(read(&command), Err(InvalidCommand::Tenant)));
}

#[test]
fn a_trace_that_cannot_be_read_is_skipped() {
    let mut command = fixture(PLACE_ORDER);
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for (sent, expected) in [
        (trace, Some(trace)),
        ("nonsense", None),
        ("00-ab-cd-01", None),
    ] {
        command["traceparent"] = json!(sent);
        let read = read(&command).unwrap().traceparent;
        assert_eq!(read.as_ref().map(Traceparent::as_str), expected);
    }
}
