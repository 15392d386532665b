//! What may come to an address that anybody can reach: none of it has an effect. What can be wrong
//! with a signature is tried one by one in `payments-webhook`, behind the same verifier.

use super::*;

const OTHER: &str = "whsec_fedcba9876543210fedcba9876543210";

fn refused() -> Vec<(u16, String, Ask)> {
    let body = handed_over("evt_1").to_string();
    let now = at(0).as_second();
    let good = signed(SECRET, now, &body);
    let forged = [
        with_signature(&signed(OTHER, now, &body), &body),
        with_signature(&signed(OTHER, now - 600, &body), &body),
        with_signature(&good, &body.replace("parcel-test", "parcel-evil")),
        with_signature(&good, &format!("{body} ")),
        with_signature("", &body),
        Ask::post(PATH, &body),
        Ask::post(PATH, &body).with("stripe-signature", &good),
        Ask::post(PATH, &body).by("alice"),
    ];
    let old =
        [-301, -600, 301].map(|skew| with_signature(&signed(SECRET, now + skew, &body), &body));
    let huge = [genuine(&format!("{body}{}", " ".repeat(65_536)))];
    let all = forged.map(|ask| (401, ask)).into_iter();
    let all = all
        .chain(old.map(|ask| (400, ask)))
        .chain(huge.map(|ask| (413, ask)));
    let named = all.map(|(status, ask)| (status, format!("{ask:?}"), ask));
    named.chain(malformed()).collect()
}

fn malformed() -> Vec<(u16, String, Ask)> {
    let alter =
        |pointer: &str, value: Value| altered(handed_over("evt_1"), pointer, value).to_string();
    [
        String::new(),
        "{}".to_owned(),
        "[]".to_owned(),
        alter("/id", json!("")),
        alter("/id", json!(1)),
        alter("/data", json!({})),
        alter("/data/object", json!(null)),
        alter("/data/object/reference", json!(1)),
        alter("/data/object/carrier", json!("")),
        alter("/data/object/carrier", json!("Parcel & Wise\r\n")),
        alter("/data/object/tracking_number", json!("")),
        alter("/data/object/tracking_number", json!(null)),
        alter("/data/object/tracking_number", json!("<b>1</b>")),
        alter("/data/object/tracking_number", json!("1".repeat(65))),
    ]
    .map(|body| (400, body.clone(), genuine(&body)))
    .into_iter()
    .collect()
}

/// Genuine, and none of our business.
fn of_others() -> Vec<(u16, String, Ask)> {
    let alter =
        |pointer: &str, value: Value| altered(handed_over("evt_1"), pointer, value).to_string();
    [
        alter("/type", json!("parcel.weighed")),
        alter("/type", json!("")),
        alter("/data/object/reference", json!("A-1001")),
        alter(
            "/data/object/reference",
            json!(order_id(1).to_string().to_uppercase() + "A"),
        ),
    ]
    .map(|body| (200, body.clone(), genuine(&body)))
    .into_iter()
    .collect()
}

async fn has_no_effect((status, what, ask): (u16, String, Ask), calls: usize) {
    let world = World::with(a_shipment().created());
    let answer = world.send(ask).await;
    assert_eq!(answer.status, status, "{what}: {}", answer.body);
    assert_eq!(
        (world.shipments.writes(), world.calls()),
        (1, calls),
        "{what}"
    );
    assert_eq!(world.shipment().state, ShipmentState::Created, "{what}");
    assert_eq!(world.shipments.get(stranger()), None, "{what}");
}

#[tokio::test]
async fn whatever_is_forged_old_malformed_huge_or_of_others_has_no_effect() {
    let all: Vec<_> = refused().into_iter().chain(of_others()).collect();
    assert!(all.len() >= 30, "{}", all.len());
    for case in all {
        has_no_effect(case, 0).await;
    }
}

#[tokio::test]
async fn news_of_a_parcel_that_is_not_ours_call_a_person_and_change_nothing() {
    let alter =
        |event: Value, pointer: &str, value: &str| altered(event, pointer, value).to_string();
    let number = "/data/object/tracking_number";
    let unknown = stranger().to_string();
    for body in [
        alter(handed_over("evt_1"), number, "parcel-other"),
        alter(delivered("evt_1"), number, "parcel-other"),
        alter(handed_over("evt_1"), "/data/object/reference", &unknown),
        alter(delivered("evt_1"), "/data/object/reference", &unknown),
    ] {
        has_no_effect((200, body.clone(), genuine(&body)), 1).await;
    }
}

#[tokio::test]
async fn the_genuine_one_has_its_effect_after_all_of_them() {
    let world = World::with(a_shipment().created());
    for (status, what, ask) in refused() {
        assert_eq!(world.send(ask).await.status, status, "{what}");
    }
    assert_eq!(world.news(), Vec::<String>::new());
    assert_eq!(world.tell(&delivered("evt_1")).await, 200);
    assert_eq!(world.told(), both());
}
