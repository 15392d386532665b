//! Webhooks inside the edge, signed as the carrier signs them, against shipments in memory.

mod corpus;

use axum::Router as Routes;
use domain::{OrderId, Shipment, ShipmentEvent, ShipmentState};
use lambda_boot::Env;
use serde_json::{Value, json};
use testkit::build::{a_shipment, at, handover, order_id};
use testkit::fakes::{FakeShipments, Fault};
use testkit::http::{Answer, Ask, protect};
use testkit::log::{KeptLog, log_here};
use testkit::webhook::signed;

use super::*;

const SECRET: &str = "whsec_89abcdef0123456789abcdef01234567";
const PATH: &str = "/api/v1/shipping/webhook";

/// The shipment of order 1, and what a person is called for.
struct World {
    shipments: FakeShipments,
    routes: Routes,
    log: KeptLog,
}

impl World {
    fn with(shipment: Shipment) -> Self {
        let shipments = FakeShipments::default().with(shipment);
        let verifier = WebhookVerifier::new(providers::PARCEL_SIGNATURE, SECRET).unwrap();
        let routes = protect(api(App {
            shipments: shipments.clone(),
            verifier,
            clock: Clock::fixed(at(0)),
        }));
        let log = KeptLog::default();
        Self {
            shipments,
            routes,
            log,
        }
    }

    async fn send(&self, ask: Ask) -> Answer {
        let kept = tracing_subscriber::fmt()
            .json()
            .with_writer(self.log.clone());
        let guard = log_here(kept.finish());
        let answer = ask.to(&self.routes).await;
        drop(guard);
        answer
    }

    async fn tell(&self, body: &Value) -> u16 {
        self.send(genuine(&body.to_string())).await.status
    }

    fn shipment(&self) -> Shipment {
        self.shipments.get(order_id(1)).unwrap()
    }

    /// What others are told of the parcel on its way.
    fn told(&self) -> Vec<ShipmentEvent> {
        let shipment = self.shipment();
        let events = shipment
            .events
            .all()
            .iter()
            .map(|raised| raised.event.clone());
        let handed_over = |event: &ShipmentEvent| {
            matches!(
                event,
                ShipmentEvent::HandedOver { .. } | ShipmentEvent::Delivered
            )
        };
        events.filter(handed_over).collect()
    }

    /// How often a person was called.
    fn calls(&self) -> usize {
        self.log.text().matches("\"needs_attention\":true").count()
    }

    fn news(&self) -> Vec<String> {
        self.shipments.news().into_keys().collect()
    }
}

fn genuine(body: &str) -> Ask {
    with_signature(&signed(SECRET, at(0).as_second(), body), body)
}

fn with_signature(signature: &str, body: &str) -> Ask {
    Ask::post(PATH, body).with(providers::PARCEL_SIGNATURE, signature)
}

/// News of the one parcel.
fn event(id: &str, kind: &str) -> Value {
    json!({
        "id": id,
        "type": kind,
        "created": at(0).as_second(),
        "data": {"object": {
            "reference": order_id(1).to_string(),
            "carrier": "parcelwise",
            "tracking_number": "parcel-test",
            "status": "shipped",
        }},
    })
}

fn handed_over(id: &str) -> Value {
    event(id, "parcel.handed_over")
}

fn delivered(id: &str) -> Value {
    event(id, "parcel.delivered")
}

/// An event in which one place has another value.
fn altered(mut event: Value, pointer: &str, value: impl Into<Value>) -> Value {
    *event.pointer_mut(pointer).unwrap() = value.into();
    event
}

fn stranger() -> OrderId {
    order_id(77)
}

fn both() -> Vec<ShipmentEvent> {
    let handover = handover("parcel-test");
    vec![
        ShipmentEvent::HandedOver { handover },
        ShipmentEvent::Delivered,
    ]
}

#[tokio::test]
async fn a_parcel_is_followed_from_the_hand_over_to_the_delivery() {
    let world = World::with(a_shipment().created());
    let answer = world.send(genuine(&handed_over("evt_1").to_string())).await;
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({"received": true}))
    );
    let handover = handover("parcel-test");
    assert_eq!(
        world.shipment().state,
        ShipmentState::HandedOver { handover }
    );
    assert_eq!(world.tell(&delivered("evt_2")).await, 200);
    assert_eq!(world.told(), both());
    assert_eq!(
        (world.news(), world.calls()),
        (vec!["evt_1".to_owned(), "evt_2".to_owned()], 0)
    );
}

#[tokio::test]
async fn fifty_copies_in_any_order_with_forged_and_old_ones_among_them_have_one_effect_each() {
    let world = World::with(a_shipment().created());
    let news = [delivered("evt_2"), handed_over("evt_1")];
    for copy in news.iter().cycle().take(50) {
        let body = copy.to_string();
        let now = at(0).as_second();
        let forged = signed("whsec_of_somebody_else_altogether_00", now, &body);
        let old = signed(SECRET, now - 600, &body);
        assert_eq!(world.send(with_signature(&forged, &body)).await.status, 401);
        assert_eq!(world.send(with_signature(&old, &body)).await.status, 400);
        assert_eq!(world.send(genuine(&body)).await.status, 200);
    }
    assert_eq!(world.told(), both());
    assert_eq!((world.shipments.writes(), world.calls()), (2, 0));
}

#[tokio::test]
async fn what_could_not_be_taken_in_is_asked_for_again() {
    for fault in [Fault::FailBefore, Fault::AppliedButError] {
        let world = World::with(a_shipment().created());
        world.shipments.fail_next_write(fault);
        assert_eq!(world.tell(&delivered("evt_1")).await, 503);
        assert_eq!(world.news(), Vec::<String>::new());
        assert_eq!(world.tell(&delivered("evt_1")).await, 200);
        assert_eq!((world.told(), world.calls()), (both(), 0));
    }
}

#[tokio::test]
async fn news_are_remembered_for_thirty_days() {
    let world = World::with(a_shipment().created());
    assert_eq!(world.tell(&delivered("evt_1")).await, 200);
    assert_eq!(world.shipments.news()["evt_1"], at(30 * 24 * 3_600));
}

#[tokio::test]
async fn a_parcel_that_left_although_it_was_cancelled_calls_a_person() {
    for shipment in [a_shipment().cancelled(), a_shipment().refused()] {
        let world = World::with(shipment.clone());
        assert_eq!(world.tell(&handed_over("evt_1")).await, 200);
        assert_eq!(world.shipment().state, shipment.state);
        assert_eq!((world.shipments.writes(), world.calls()), (1, 1));
    }
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    assert_eq!(names, ["SHIPPING_TABLE", "CARRIER_WEBHOOK_SECRETS"]);
}
