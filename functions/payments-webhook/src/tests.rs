//! Webhooks inside the edge, signed as the provider signs them, against payments in memory.

mod corpus;

use axum::Router as Routes;
use domain::{Aggregate, OrderId, PaymentCommand, PaymentState};
use lambda_boot::Env;
use serde_json::{Value, json};
use testkit::build::{a_payment, at, order_id, reference};
use testkit::fakes::{FakePayments, Fault};
use testkit::http::{Answer, Ask, protect};
use testkit::log::{KeptLog, log_here};
use testkit::webhook::signed;

use super::*;

const SECRET: &str = "whsec_0123456789abcdef0123456789abcdef";
const PATH: &str = "/api/v1/payments/webhook";

/// The payment of order 1, 12.00 EUR, and what a person is called for.
struct World {
    payments: FakePayments,
    routes: Routes,
    log: KeptLog,
}

impl World {
    fn with(payment: Payment) -> Self {
        let payments = FakePayments::default().with(payment);
        let verifier = WebhookVerifier::new(providers::PAYMENT_SIGNATURE, SECRET).unwrap();
        let routes = protect(api(App {
            payments: payments.clone(),
            verifier,
            clock: Clock::fixed(at(0)),
        }));
        let log = KeptLog::default();
        Self {
            payments,
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

    fn payment(&self) -> Payment {
        self.payments.get(order_id(1)).unwrap()
    }

    /// How often a person was called.
    fn calls(&self) -> usize {
        self.log.text().matches("\"needs_attention\":true").count()
    }

    fn news(&self) -> Vec<String> {
        self.payments.news().into_keys().collect()
    }

    fn captures(&self) -> usize {
        let payment = self.payment();
        let entries = payment.ledger().len();
        assert_eq!(entries % 2, 0);
        entries / 2
    }
}

fn genuine(body: &str) -> Ask {
    with_signature(&signed(SECRET, at(0).as_second(), body), body)
}

fn with_signature(signature: &str, body: &str) -> Ask {
    Ask::post(PATH, body).with(providers::PAYMENT_SIGNATURE, signature)
}

/// News of the one payment.
fn event(id: &str, kind: &str) -> Value {
    let (status, received) = match kind {
        "payment_intent.succeeded" => ("succeeded", 1_200),
        "payment_intent.canceled" => ("canceled", 0),
        _ => ("requires_payment_method", 0),
    };
    json!({
        "id": id,
        "object": "event",
        "type": kind,
        "created": at(0).as_second(),
        "livemode": false,
        "data": {"object": {
            "id": "pi_test",
            "object": "payment_intent",
            "amount": 1_200,
            "amount_received": received,
            "currency": "eur",
            "last_payment_error": {"type": "card_error", "decline_code": "generic_decline"},
            "metadata": {"order_id": order_id(1).to_string(), "attempt": "1"},
            "status": status,
        }},
    })
}

fn captured(id: &str) -> Value {
    event(id, "payment_intent.succeeded")
}

/// An event in which one place has another value.
fn altered(mut event: Value, pointer: &str, value: impl Into<Value>) -> Value {
    *event.pointer_mut(pointer).unwrap() = value.into();
    event
}

#[tokio::test]
async fn a_capture_that_is_told_is_recorded_once() {
    let world = World::with(a_payment().authorised());
    let answer = world.send(genuine(&captured("evt_1").to_string())).await;
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({"received": true}))
    );
    assert_eq!(world.payment().state, PaymentState::Captured);
    assert_eq!(world.news(), ["evt_1"]);
    assert_eq!(world.calls(), 0);
}

#[tokio::test]
async fn the_answer_and_the_webhook_leave_one_capture_whichever_comes_first() {
    let world = World::with(a_payment().captured());
    assert_eq!(world.tell(&captured("evt_1")).await, 200);
    assert_eq!((world.payments.writes(), world.captures()), (1, 1));

    let world = World::with(a_payment().authorised());
    assert_eq!(world.tell(&captured("evt_1")).await, 200);
    let mut payment = world.payment();
    let reference = reference("pi_test");
    let answered = PaymentCommand::RecordCaptured { reference };
    payment.execute(&answered, at(1)).unwrap();
    assert!(!payment.changes.is_changed());
    assert_eq!(world.captures(), 1);
}

#[tokio::test]
async fn an_answer_that_is_stored_meanwhile_is_decided_on_anew() {
    let world = World::with(a_payment().authorised());
    let mut other = a_payment().captured();
    other.changes = domain::ChangeTracker::stored_at(1);
    world.payments.meanwhile(other);
    assert_eq!(world.tell(&captured("evt_1")).await, 200);
    assert_eq!(world.captures(), 1);
    assert_eq!(world.calls(), 0);
}

#[tokio::test]
async fn fifty_copies_in_any_order_with_forged_and_old_ones_among_them_have_one_effect() {
    let world = World::with(a_payment().closing());
    let news = [captured("evt_2"), event("evt_1", "payment_intent.canceled")];
    for (round, copy) in news.iter().cycle().take(50).enumerate() {
        let body = copy.to_string();
        assert_eq!(world.send(genuine(&body)).await.status, 200);
        let now = at(0).as_second();
        let forged = signed("whsec_of_somebody_else_altogether_00", now, &body);
        let old = signed(SECRET, now - 600 - i64::try_from(round).unwrap(), &body);
        assert_eq!(world.send(with_signature(&forged, &body)).await.status, 401);
        assert_eq!(world.send(with_signature(&old, &body)).await.status, 400);
    }
    assert_eq!(
        world.payments.writes(),
        2,
        "the payment that was there, and one effect"
    );
    assert_eq!((world.captures(), world.calls()), (1, 0));
    assert_eq!(world.news(), ["evt_1", "evt_2"]);
}

#[tokio::test]
async fn what_was_taken_in_under_an_id_is_not_acted_on_again_under_it() {
    let world = World::with(a_payment().closing());
    let other = altered(captured("evt_1"), "/type", "payment_intent.created");
    assert_eq!(
        world
            .tell(&event("evt_1", "payment_intent.payment_failed"))
            .await,
        200
    );
    assert_eq!(world.tell(&captured("evt_1")).await, 200);
    assert_eq!(world.tell(&other).await, 200);
    assert_eq!(world.payment().state, PaymentState::Closing);
    assert_eq!(world.tell(&captured("evt_2")).await, 200);
    assert_eq!(world.payment().state, PaymentState::Captured);
}

#[tokio::test]
async fn news_are_remembered_for_thirty_days() {
    let world = World::with(a_payment().authorised());
    assert_eq!(world.tell(&captured("evt_1")).await, 200);
    assert_eq!(world.payments.news()["evt_1"], at(30 * 24 * 3_600));
}

#[tokio::test]
async fn money_that_is_taken_after_the_end_is_recorded_and_calls_a_person() {
    let world = World::with(a_payment().closed());
    assert_eq!(world.tell(&captured("evt_1")).await, 200);
    assert_eq!(world.payment().state, PaymentState::Captured);
    assert_eq!(world.calls(), 1);
    assert_eq!(world.tell(&captured("evt_1")).await, 200);
    assert_eq!(world.calls(), 1, "once for each id");
}

#[tokio::test]
async fn a_decline_and_a_cancel_are_taken_in_where_they_were_asked_for() {
    let world = World::with(a_payment().authorising());
    assert_eq!(
        world
            .tell(&event("evt_1", "payment_intent.payment_failed"))
            .await,
        200
    );
    let PaymentState::Declined { reason } = world.payment().state else {
        panic!("{:?}", world.payment().state);
    };
    assert_eq!(reason, "generic_decline");
    let world = World::with(a_payment().closing());
    assert_eq!(
        world.tell(&event("evt_1", "payment_intent.canceled")).await,
        200
    );
    assert_eq!(world.payment().state, PaymentState::Closed);
}

/// The provider sends again what was not answered 200.
#[tokio::test]
async fn what_could_not_be_taken_in_is_asked_for_again() {
    for fault in [Fault::FailBefore, Fault::AppliedButError] {
        let world = World::with(a_payment().authorised());
        world.payments.fail_next_write(fault);
        assert_eq!(world.tell(&captured("evt_1")).await, 503);
        assert_eq!(world.news(), Vec::<String>::new());
        assert_eq!(world.tell(&captured("evt_1")).await, 200);
        assert_eq!((world.captures(), world.calls()), (1, 0));
    }
    let world = World::with(a_payment().authorised());
    world.payments.fail_next_read();
    assert_eq!(world.tell(&captured("evt_1")).await, 503);
    assert_eq!(world.payment().state, PaymentState::Authorised);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    assert_eq!(names, ["PAYMENTS_TABLE", "PAYMENT_WEBHOOK_SECRETS"]);
}

fn stranger() -> OrderId {
    order_id(77)
}
