//! What may come to an address that anybody can reach: none of it has an effect.

use testkit::webhook::signature;

use super::*;

const OTHER: &str = "whsec_fedcba9876543210fedcba9876543210";

/// A request, what it is, and the status of the answer.
struct Case {
    what: String,
    ask: Ask,
    status: u16,
}

fn case(what: impl ToString, ask: Ask, status: u16) -> Case {
    Case {
        what: what.to_string(),
        ask,
        status,
    }
}

fn now() -> i64 {
    at(0).as_second()
}

fn good() -> String {
    captured("evt_1").to_string()
}

/// Not signed with our secret over this body.
fn forged() -> Vec<Case> {
    let body = good();
    let time = now();
    let right = signature(SECRET, &format!("{time}.{body}"));
    let elsewhere = |text: &str| signature(SECRET, text);
    let headers = [
        ("another secret", signed(OTHER, time, &body)),
        ("another secret, and old", signed(OTHER, time - 600, &body)),
        (
            "another secret, and of times to come",
            signed(OTHER, time + 600, &body),
        ),
        ("an empty secret", signed("", time, &body)),
        (
            "our secret in another case",
            signed(&SECRET.to_uppercase(), time, &body),
        ),
        (
            "another body",
            signed(SECRET, time, &captured("evt_2").to_string()),
        ),
        (
            "the body without its time",
            format!("t={time},v1={}", elsewhere(&body)),
        ),
        ("the time of another", format!("t={},v1={right}", time - 1)),
        (
            "the time in milliseconds",
            format!("t={time}000,v1={right}"),
        ),
        ("no time", format!("v1={right}")),
        ("an empty time", format!("t=,v1={right}")),
        ("a time that is a word", format!("t=now,v1={right}")),
        ("a negative time", signed(SECRET, -time, &body)),
        ("two times", format!("t={time},t={time},v1={right}")),
        ("no signature", format!("t={time}")),
        ("an empty signature", format!("t={time},v1=")),
        ("half a signature", format!("t={time},v1={}", &right[..32])),
        ("a longer signature", format!("t={time},v1={right}{right}")),
        (
            "a signature of zeros",
            format!("t={time},v1={}", "0".repeat(64)),
        ),
        (
            "a signature that is no number",
            format!("t={time},v1={}", "g".repeat(64)),
        ),
        (
            "a signature of an older scheme",
            format!("t={time},v0={right}"),
        ),
        ("a scheme in capitals", format!("t={time},V1={right}")),
        ("the bare signature", right.clone()),
        ("nothing", String::new()),
        ("other separators", format!("t={time};v1={right}")),
    ];
    let signed_so = headers.map(|(what, header)| case(what, with_signature(&header, &body), 401));
    signed_so.into_iter().chain(changed()).collect()
}

/// The header is good, for another request.
fn changed() -> Vec<Case> {
    let body = good();
    let header = signed(SECRET, now(), &body);
    let bodies = [
        ("a line end behind the body", format!("{body}\n")),
        ("a mark before the body", format!("\u{feff}{body}")),
        ("the body with other spaces", body.replacen(':', ": ", 1)),
        ("another amount", body.replace("1200", "1")),
        (
            "another order",
            body.replace(&order_id(1).to_string(), &stranger().to_string()),
        ),
        ("another id", body.replace("evt_1", "evt_9")),
        ("the body cut off", body[..body.len() - 1].to_owned()),
        ("no body", String::new()),
    ];
    let changed = bodies.map(|(what, other)| case(what, with_signature(&header, &other), 401));
    let without = Ask::post(PATH, &body);
    let twice = with_signature(&header, &body).with(providers::PAYMENT_SIGNATURE, &header);
    let token = without.clone().by("alice");
    let elsewhere = without.clone().with("carrier-signature", &header);
    let mut all = Vec::from(changed);
    all.extend([
        case("no header", without, 401),
        case("two headers", twice, 401),
        case("a token instead", token, 401),
        case("the header of another", elsewhere, 401),
    ]);
    all
}

/// Genuine, but not of now.
fn old() -> Vec<Case> {
    let body = good();
    let case = |skew: i64| {
        let header = signed(SECRET, now() + skew, &body);
        case(format!("{skew} s"), with_signature(&header, &body), 400)
    };
    [-301, -600, -3_600, -86_400, -315_360_000, 301, 600, 86_400]
        .map(case)
        .into_iter()
        .chain([super::corpus::case(
            "of 1970",
            with_signature(&signed(SECRET, 0, &body), &body),
            400,
        )])
        .collect()
}

/// Signed, and nothing that the provider would send.
fn malformed() -> Vec<Case> {
    let alter =
        |pointer: &str, value: Value| altered(captured("evt_1"), pointer, value).to_string();
    let without = |pointer: &str, name: &str| {
        let mut event = captured("evt_1");
        let place = event.pointer_mut(pointer).unwrap();
        place.as_object_mut().unwrap().remove(name);
        event.to_string()
    };
    let bodies = [
        String::new(),
        "null".to_owned(),
        "7".to_owned(),
        "\"evt_1\"".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        "{".to_owned(),
        format!("{}{}", good(), good()),
        format!("{}x", good()),
        good().replacen('{', "{\"id\":\"evt_1\",", 1),
        "[".repeat(10_000),
        without("", "id"),
        without("", "type"),
        without("", "data"),
        without("/data", "object"),
        without("/data/object", "id"),
        without("/data/object", "amount"),
        without("/data/object", "currency"),
        without("/data/object", "status"),
        alter("/id", json!(7)),
        alter("/id", json!("")),
        alter("/id", json!("evt 1")),
        alter("/id", json!("e".repeat(129))),
        alter("/type", json!(["payment_intent.succeeded"])),
        alter("/type", json!("payment_intent.canceled")),
        alter("/data", json!(null)),
        alter("/data/object", json!(null)),
        alter("/data/object", json!([])),
        alter("/data/object/id", json!("pi test")),
        alter("/data/object/amount_received", json!("1200")),
        alter("/data/object/amount_received", json!(12.5)),
        alter("/data/object/amount_received", json!(-1_200)),
        alter("/data/object/amount_received", json!(1e300)),
        alter("/data/object/amount_received", json!(i64::MAX)),
        alter("/data/object/amount_received", json!(u64::MAX)),
        alter("/data/object/currency", json!("eu")),
        alter("/data/object/currency", json!("xxxx")),
        alter("/data/object/currency", json!("")),
        alter("/data/object/status", json!("requires_capture")),
        alter("/data/object/metadata", json!("order")),
    ];
    let case = |body: String| {
        let what = body.chars().take(300).collect::<String>();
        case(what, genuine(&body), 400)
    };
    bodies.map(case).into_iter().collect()
}

/// Genuine, and none of our business.
fn of_others() -> Vec<Case> {
    let alter = |pointer: &str, value: Value| altered(captured("evt_1"), pointer, value);
    let number = "/data/object/metadata/order_id";
    let attempt = "/data/object/metadata/attempt";
    let other_intent = |kind: &str| altered(event("evt_1", kind), "/data/object/id", "pi_other");
    [
        alter("/type", json!("payment_intent.created")),
        alter("/type", json!("customer.created")),
        alter("/type", json!("payment_intent.succeeded.v2")),
        alter("/type", json!("")),
        alter("/data/object/metadata", json!({})),
        alter(number, json!("A-1001")),
        alter(number, json!("")),
        alter(number, json!(format!("{} ", order_id(1)))),
        alter(number, json!(format!("{{{}}}", order_id(1)))),
        alter(attempt, json!("one")),
        alter(attempt, json!("-1")),
        event("evt_1", "payment_intent.payment_failed"),
        event("evt_1", "payment_intent.canceled"),
        other_intent("payment_intent.payment_failed"),
        other_intent("payment_intent.canceled"),
        altered(
            event("evt_1", "payment_intent.canceled"),
            number,
            stranger().to_string(),
        ),
    ]
    .map(|event| case(&event, genuine(&event.to_string()), 200))
    .into_iter()
    .collect()
}

fn refund_that_failed() -> Value {
    json!({"id": "evt_1", "type": "refund.failed", "data": {"object": {
        "id": "re_1", "object": "refund", "amount": 1_200, "currency": "eur", "status": "failed",
        "payment_intent": "pi_1", "failure_reason": "expired_or_canceled_card",
        "metadata": {"order_id": order_id(1).to_string(), "refund_id": "cancel"},
    }}})
}

/// Genuine, and not what we know: a person is called.
fn of_concern() -> Vec<Case> {
    let alter = |pointer: &str, value: Value| altered(captured("evt_1"), pointer, value);
    let received = "/data/object/amount_received";
    let failed = event("evt_1", "payment_intent.payment_failed");
    [
        alter(received, json!(1_199)),
        alter(received, json!(1_201)),
        alter(received, json!(0)),
        alter(received, json!(120_000)),
        alter("/data/object/currency", json!("usd")),
        alter("/data/object/currency", json!("jpy")),
        alter("/data/object/id", json!("pi_other")),
        alter("/data/object/metadata/attempt", json!("2")),
        alter("/data/object/metadata/attempt", json!("0")),
        alter(
            "/data/object/metadata/order_id",
            json!(stranger().to_string()),
        ),
        altered(failed, "/data/object/amount", 1),
        refund_that_failed(),
    ]
    .map(|event| case(&event, genuine(&event.to_string()), 200))
    .into_iter()
    .collect()
}

fn huge() -> Vec<Case> {
    let of = |size: usize| format!("{}{}", good(), " ".repeat(size));
    let sizes = [65_536, 1_000_000, 10_000_000];
    let case = |size: usize| case(format!("{size} bytes more"), genuine(&of(size)), 413);
    sizes.map(case).into_iter().collect()
}

async fn have_no_effect(cases: Vec<Case>, calls: usize) {
    for Case { what, ask, status } in cases {
        let world = World::with(a_payment().authorised());
        let answer = world.send(ask).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.body);
        assert_eq!(world.payments.writes(), 1, "{what}");
        assert_eq!(world.payment().state, PaymentState::Authorised, "{what}");
        assert_eq!(world.calls(), calls, "{what}");
        assert_eq!(world.payments.get(stranger()), None, "{what}");
    }
}

#[tokio::test]
async fn whatever_is_forged_old_malformed_huge_or_of_others_has_no_effect() {
    let sets = [forged(), old(), malformed(), of_others(), huge()];
    let count: usize = sets.iter().map(Vec::len).sum();
    assert!(count >= 90, "{count}");
    for cases in sets {
        have_no_effect(cases, 0).await;
    }
}

#[tokio::test]
async fn what_is_genuine_and_does_not_fit_what_we_know_calls_a_person_and_changes_nothing() {
    have_no_effect(of_concern(), 1).await;
}

/// What was refused stays refusable: no id of it is remembered, so the genuine one is taken in.
#[tokio::test]
async fn the_genuine_one_has_its_effect_after_all_of_them() {
    let world = World::with(a_payment().authorised());
    let refused = [forged(), old(), malformed(), huge()];
    for Case { what, ask, status } in refused.into_iter().flatten() {
        assert_eq!(world.send(ask).await.status, status, "{what}");
    }
    assert_eq!(world.news(), Vec::<String>::new());
    assert_eq!(world.tell(&captured("evt_1")).await, 200);
    assert_eq!((world.captures(), world.payments.writes()), (1, 2));
}
