//! Bodies of the HTTP API: what is refused and where, and what tells a repeat from another order.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::samples::{cancelled_order, completed_order, failed_order};

fn good() -> Value {
    json!({
        "lines": [{"product_id": "lamp", "quantity": 2}, {"product_id": "bulb", "quantity": 1}],
        "ship_to": {"name": "Ada Example", "street": "Main Road 1", "city": "Dublin",
            "postcode": "D01", "country": "IE"},
        "payment_method": "pm_card_visa",
        "contact": {"email": "ada@example.org"},
        "expected_total": {"minor": 2750, "currency": "EUR"},
    })
}

fn with(pointer: &str, value: Value) -> Value {
    let mut body = good();
    *body.pointer_mut(pointer).unwrap() = value;
    body
}

fn read(body: &Value) -> Result<PlaceOrder, serde_json::Error> {
    serde_json::from_str(&body.to_string())
}

fn parse(body: &Value) -> Result<ParsedPlacement, InvalidBody> {
    read(body).unwrap().parse()
}

fn hash(text: &str) -> RequestHash {
    let body: PlaceOrder = serde_json::from_str(text).unwrap();
    body.parse().unwrap().hash
}

fn lines(count: usize, product: impl Fn(usize) -> String) -> Value {
    let line = |number| json!({"product_id": product(number), "quantity": 1});
    (0..count).map(line).collect()
}

#[test]
fn takes_a_good_body() {
    let parsed = parse(&good()).unwrap();
    assert_eq!(parsed.lines.len(), 2);
    assert_eq!(parsed.contact.unwrap().email, "ada@example.org");
    assert_eq!(parsed.expected_total.unwrap().minor(), 2_750);
}

#[test]
fn contact_and_expected_total_may_be_left_out() {
    let mut body = good();
    body.as_object_mut().unwrap().remove("contact");
    body.as_object_mut().unwrap().remove("expected_total");
    let parsed = parse(&body).unwrap();
    assert_eq!((parsed.contact, parsed.expected_total), (None, None));
}

#[test]
fn points_at_the_line_that_is_wrong() {
    for quantity in [0, -1, i64::MIN, 1_001, i64::from(u32::MAX) + 2, i64::MAX] {
        let body = with("/lines/1/quantity", json!(quantity));
        assert_eq!(parse(&body).unwrap_err().pointer, "/lines/1/quantity");
    }
    for product in ["", "a b", "a/b", "ä", &"x".repeat(65)] {
        let body = with("/lines/1/product_id", json!(product));
        assert_eq!(parse(&body).unwrap_err().pointer, "/lines/1/product_id");
    }
}

#[test]
fn points_at_the_lines_that_are_wrong_together() {
    let product = |number| format!("p{number}");
    let same = |_| "p".to_owned();
    let heavy = json!([{"product_id": "p", "quantity": 600}, {"product_id": "p", "quantity": 401}]);
    for bad in [json!([]), lines(51, product), lines(501, same), heavy] {
        let body = with("/lines", bad);
        assert_eq!(parse(&body).unwrap_err().pointer, "/lines");
    }
    for good in [lines(50, product), lines(500, same)] {
        assert!(parse(&with("/lines", good)).is_ok());
    }
}

#[test]
fn points_at_the_other_fields_that_are_wrong() {
    for (pointer, bad) in [
        ("/ship_to/name", json!("")),
        ("/ship_to/street", json!("a\r\nb")),
        ("/ship_to/country", json!("Ireland")),
        ("/payment_method", json!("")),
        ("/payment_method", json!("pm card")),
        ("/payment_method", json!("x".repeat(65))),
    ] {
        let refused = parse(&with(pointer, bad)).unwrap_err();
        assert_eq!(refused.pointer, pointer);
    }
    for total in [
        json!({"minor": -1, "currency": "EUR"}),
        json!({"minor": 1_000_000_000_000_000_000_i64, "currency": "EUR"}),
        json!({"minor": 1, "currency": "XYZ"}),
    ] {
        let refused = parse(&with("/expected_total", total)).unwrap_err();
        assert_eq!(refused.pointer, "/expected_total");
    }
}

#[test]
fn a_card_number_is_not_a_payment_method() {
    for card in [
        "4242424242424242",
        "4242_4242_4242_4242",
        "pm_4242424242424242",
        "378282246310005",
        "card_378282246310005_x",
    ] {
        let refused = parse(&with("/payment_method", json!(card))).unwrap_err();
        assert_eq!(refused.pointer, "/payment_method");
    }
}

#[test]
fn a_token_may_have_many_digits_that_are_not_in_a_row() {
    let token = "pm_1Nv2Y8e3Z4K5l6o2C7X8b9t0";
    let parsed = parse(&with("/payment_method", json!(token)));
    assert_eq!(parsed.unwrap().payment_method, token);
}

#[test]
fn an_e_mail_address_is_one_address() {
    let long = format!("{}@example.org", "x".repeat(250));
    for bad in [
        "",
        "ada",
        "ada@",
        "@example.org",
        "ada@example",
        "ada@@example.org",
        "a b@example.org",
        "ada@example.org\r\nBcc: x@y.org",
        "a,b@example.org",
        "<ada@example.org>",
        "ada@.",
        "ada@a.",
        "ada@.org",
        "ada@a..org",
        "x;ada@example.org",
        "\"a\"@example.org",
        "ada@exa_mple.org",
        "ädä@example.org",
        &long,
    ] {
        let refused = parse(&with("/contact/email", json!(bad))).unwrap_err();
        assert_eq!(refused.pointer, "/contact/email", "{bad:?}");
    }
    for good in [
        "a@b.ie",
        "ada.l+shop@mail.example.org",
        "o'hara@xn--bcher-kva.example",
    ] {
        let parsed = parse(&with("/contact/email", json!(good))).unwrap();
        assert_eq!(parsed.contact.unwrap().email, good);
    }
}

#[test]
fn a_body_of_another_shape_is_not_read() {
    for (pointer, bad) in [
        ("/lines", json!({})),
        ("/lines/0/quantity", json!(9_223_372_036_854_775_808_u64)),
        ("/lines/0/quantity", json!(1.5)),
        ("/lines/0/quantity", json!("1")),
        ("/lines/0/quantity", json!(null)),
        ("/lines/0/product_id", json!(7)),
        ("/ship_to", json!("Dublin")),
        ("/payment_method", json!(null)),
        ("/expected_total/minor", json!(0.1 + 0.2)),
    ] {
        assert!(read(&with(pointer, bad)).is_err(), "{pointer}");
    }
}

#[test]
fn an_unknown_field_is_refused_everywhere() {
    for object in ["", "/lines/0", "/ship_to", "/contact", "/expected_total"] {
        for field in ["price", "total", "status", "user_id", "customer_id", "role"] {
            let mut body = good();
            body.pointer_mut(object).unwrap()[field] = json!(1);
            assert!(read(&body).is_err(), "{object}/{field}");
        }
    }
}

#[test]
fn a_field_said_twice_is_refused() {
    let text = good().to_string();
    let twice = text.replacen('{', r#"{"payment_method":"pm_other","#, 1);
    assert!(serde_json::from_str::<PlaceOrder>(&twice).is_err());
}

#[test]
fn white_space_and_the_order_of_fields_do_not_make_another_request() {
    let spaced = serde_json::to_string_pretty(&good()).unwrap();
    assert_eq!(hash(&spaced), hash(&good().to_string()));
    let reversed = reversed(&good());
    assert_ne!(reversed.to_string(), good().to_string());
    assert_eq!(hash(&reversed.to_string()), hash(&good().to_string()));
}

/// The same JSON with the fields of each object in reverse.
fn reversed(json: &Value) -> Value {
    match json {
        Value::Object(fields) => fields
            .iter()
            .rev()
            .map(|(name, value)| (name.clone(), reversed(value)))
            .collect(),
        Value::Array(items) => items.iter().map(reversed).collect(),
        leaf => leaf.clone(),
    }
}

#[test]
fn a_field_left_out_or_null_is_the_same_request() {
    let mut without = good();
    without.as_object_mut().unwrap().remove("contact");
    let null = with("/contact", json!(null));
    assert_eq!(hash(&null.to_string()), hash(&without.to_string()));
}

#[test]
fn other_content_in_any_field_makes_another_request() {
    for (pointer, other) in [
        ("/lines/0/product_id", json!("chair")),
        ("/lines/0/quantity", json!(3)),
        ("/lines", json!([{"product_id": "lamp", "quantity": 2}])),
        ("/ship_to/name", json!("Bob")),
        ("/ship_to/street", json!("x")),
        ("/ship_to/city", json!("x")),
        ("/ship_to/postcode", json!("x")),
        ("/ship_to/country", json!("DE")),
        ("/payment_method", json!("pm_card_amex")),
        ("/contact/email", json!("bob@example.org")),
        ("/contact", json!(null)),
        ("/expected_total/minor", json!(1)),
        ("/expected_total", json!(null)),
    ] {
        let other = with(pointer, other).to_string();
        assert_ne!(hash(&other), hash(&good().to_string()), "{pointer}");
    }
}

#[test]
fn the_answer_to_a_placement_never_changes_while_the_order_goes_on() {
    let answer = |order: &Order| serde_json::to_value(OrderPlacedBody::from(&order.facts)).unwrap();
    assert_eq!(answer(&completed_order()), answer(&failed_order()));
    assert_eq!(
        answer(&completed_order()),
        json!({
            "order_id": crate::samples::ORDER_ID,
            "status": "pending",
            "lines": [
                {"product_id": "lamp", "sku": "LAMP-1", "quantity": 2, "unit_price_minor": 1200},
                {"product_id": "bulb", "sku": "BULB-9", "quantity": 1, "unit_price_minor": 350},
            ],
            "subtotal": {"minor": 2750, "currency": "EUR"},
            "shipping": {"minor": 490, "currency": "EUR"},
            "tax": {"minor": 616, "currency": "EUR"},
            "total": {"minor": 3856, "currency": "EUR"},
            "placed_at": "2026-03-01T12:00:00Z",
        })
    );
}

#[test]
fn an_order_tells_its_status_its_reason_and_its_history() {
    let body = OrderBody::from(&failed_order());
    assert_eq!(body.status, "failed");
    assert_eq!(body.failure.unwrap().code, "out_of_stock");
    let history: Vec<_> = body
        .history
        .iter()
        .map(|entry| (entry.sequence, entry.event_type.as_str()))
        .collect();
    assert_eq!(
        history,
        [
            (1, "cartwright.order.placed.v1"),
            (2, "cartwright.order.failed.v1"),
        ]
    );
}

#[test]
fn no_answer_tells_how_an_order_is_paid_or_whom_to_tell() {
    let order = completed_order();
    let text = serde_json::to_string(&OrderBody::from(&order)).unwrap();
    for secret in [crate::samples::EMAIL, "pm_card_visa"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn a_status_says_whether_anything_more_will_happen() {
    for (order, status) in [
        (completed_order(), "confirmed"),
        (failed_order(), "failed"),
        (cancelled_order(), "cancelled"),
    ] {
        let body = OrderStatusBody::from(&order);
        assert_eq!((body.status.as_str(), body.ended), (status, true));
    }
}

proptest! {
    #[test]
    fn no_text_in_any_field_makes_parsing_panic(text in "\\PC{0,140}", which in 0_usize..6) {
        let pointer = [
            "/lines/0/product_id", "/ship_to/name", "/ship_to/country", "/payment_method",
            "/contact/email", "/expected_total/currency",
        ][which];
        if let Err(refused) = parse(&with(pointer, json!(text))) {
            prop_assert!(pointer.starts_with(&refused.pointer));
        }
    }
}
