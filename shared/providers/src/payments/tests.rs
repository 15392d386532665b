//! The payment provider by scripted answers: what each means to us, and what we send.

use domain::ports::{
    Authorisation, AuthorisationRequest, AuthorisePayment, ProviderError, SettlePayment, Settled,
};
use domain::{Attempt, Currency, Money, OrderId, ProviderReference};
use serde_json::{Value, json};
use uuid::Uuid;

use super::StripePayments;
use crate::Limits;
use crate::stub::{Act, Stub};

mod against_stand_in;

const ORDER: OrderId = OrderId(Uuid::from_u128(7));

fn request() -> AuthorisationRequest {
    AuthorisationRequest {
        order_id: ORDER,
        attempt: Attempt(2),
        amount: Money::new(1_200, Currency::parse("EUR").unwrap()).unwrap(),
        payment_method: "pm_card_visa".to_owned(),
    }
}

fn reference() -> ProviderReference {
    ProviderReference::parse("pi_1").unwrap()
}

fn client(stub: &Stub) -> StripePayments {
    StripePayments::new(&stub.url(), "sk_test", Limits::default()).unwrap()
}

fn intent(status: &str) -> Value {
    json!({
        "id": "pi_1",
        "object": "payment_intent",
        "amount": 1200,
        "amount_received": if status == "succeeded" { 1200 } else { 0 },
        "currency": "eur",
        "status": status,
        "metadata": {"order_id": ORDER.to_string(), "attempt": "2"},
    })
}

fn with(mut intent: Value, field: &str, value: Value) -> Value {
    intent[field] = value;
    intent
}

fn failed(code: &str, intent: Value) -> Value {
    json!({"error": {
        "type": "invalid_request_error", "code": code, "message": "Jane Doe", "payment_intent": intent,
    }})
}

async fn authorise(status: u16, body: &Value) -> Result<Authorisation, ProviderError> {
    let stub = Stub::json(status, body).await;
    client(&stub).authorise(&request()).await
}

async fn capture(status: u16, body: &Value) -> Result<Settled, ProviderError> {
    let stub = Stub::json(status, body).await;
    client(&stub).capture(ORDER, Attempt(2), &reference()).await
}

async fn look_up(intents: Value) -> Result<Option<Authorisation>, ProviderError> {
    let stub = Stub::json(200, &json!({"object": "list", "data": intents})).await;
    client(&stub).look_up(ORDER, Attempt(2)).await
}

#[tokio::test]
async fn tells_the_provider_everything_under_the_key_of_the_attempt() {
    let stub = Stub::json(200, &intent("requires_capture")).await;
    let answer = client(&stub).authorise(&request()).await.unwrap();
    assert_eq!(answer, Authorisation::Held(reference()));
    let asked = &stub.asked()[0];
    assert_eq!(
        (asked.method.as_str(), asked.uri.as_str()),
        ("POST", "/v1/payment_intents")
    );
    assert_eq!(
        asked.headers["idempotency-key"],
        format!("{ORDER}:authorise:2")
    );
    assert_eq!(asked.headers["authorization"], "Bearer sk_test");
    let form = format!(
        "amount=1200&currency=eur&payment_method=pm_card_visa&capture_method=manual&confirm=true\
         &error_on_requires_action=true&metadata%5Border_id%5D={ORDER}&metadata%5Battempt%5D=2"
    );
    assert_eq!(asked.body, form);
}

#[tokio::test]
async fn takes_the_status_of_the_payment_as_the_answer() {
    let held = authorise(200, &intent("requires_capture")).await;
    assert_eq!(held.unwrap(), Authorisation::Held(reference()));
    let cancelled = authorise(200, &intent("canceled")).await;
    assert_eq!(cancelled.unwrap(), Authorisation::Cancelled(reference()));
    let captured = authorise(200, &intent("succeeded")).await;
    assert_eq!(captured.unwrap(), Authorisation::Captured(reference()));
    let processing = authorise(200, &intent("processing")).await;
    assert!(matches!(processing, Err(ProviderError::Unknown(_))));
    let other = authorise(200, &intent("requires_action")).await;
    assert_eq!(other.unwrap(), Authorisation::Unfinished(reference()));
}

#[tokio::test]
async fn only_what_can_never_change_again_is_an_outcome() {
    let outcomes = [
        ("succeeded", Some(Settled::Captured)),
        ("canceled", Some(Settled::Closed)),
        ("requires_capture", None),
        ("requires_action", None),
        ("processing", None),
    ];
    for (status, outcome) in outcomes {
        let stub = Stub::json(200, &intent(status)).await;
        let answer = client(&stub).outcome(&reference()).await;
        assert_eq!(answer.unwrap(), outcome, "{status}");
        assert_eq!(stub.asked()[0].uri, "/v1/payment_intents/pi_1");
    }
}

#[tokio::test]
async fn a_refused_card_is_an_answer_with_its_reason() {
    let error = json!({"error": {
        "type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds",
        "message": "Jane Doe has no money",
    }});
    let answer = authorise(402, &error).await.unwrap();
    assert_eq!(
        answer,
        Authorisation::Declined("insufficient_funds".to_owned())
    );
}

#[tokio::test]
async fn does_not_believe_an_answer_for_other_money_or_another_attempt() {
    let held = intent("requires_capture");
    let attempt = json!({"order_id": ORDER.to_string(), "attempt": "1"});
    for wrong in [
        with(held.clone(), "amount", json!(1201)),
        with(held.clone(), "currency", json!("usd")),
        with(held.clone(), "metadata", attempt),
        with(held.clone(), "id", json!("not an id")),
        with(intent("succeeded"), "amount_received", json!(1)),
    ] {
        let answer = authorise(200, &wrong).await;
        assert!(
            matches!(answer, Err(ProviderError::Unexpected(_))),
            "{wrong} {answer:?}"
        );
    }
}

#[tokio::test]
async fn does_not_know_while_the_key_is_in_use() {
    let error = json!({"error": {"type": "idempotency_error", "code": "idempotency_key_in_use"}});
    let answer = authorise(409, &error).await.unwrap_err();
    assert!(matches!(answer, ProviderError::Unknown(_)), "{answer:?}");
    let answer = capture(409, &error).await.unwrap_err();
    assert!(matches!(answer, ProviderError::Unknown(_)), "{answer:?}");
}

#[tokio::test]
async fn does_not_know_when_the_body_cannot_be_read() {
    for status in [200, 402] {
        let answer = authorise(status, &json!("?")).await.unwrap_err();
        assert!(matches!(answer, ProviderError::Unknown(_)), "{answer:?}");
        let answer = capture(status, &json!("?")).await.unwrap_err();
        assert!(matches!(answer, ProviderError::Unknown(_)), "{answer:?}");
    }
}

#[tokio::test]
async fn a_request_that_can_never_be_carried_out_is_declined() {
    let error = failed("resource_missing", Value::Null);
    for status in [400, 404, 422] {
        let answer = authorise(status, &error).await.unwrap();
        assert_eq!(
            answer,
            Authorisation::Declined("resource_missing".to_owned())
        );
    }
}

#[tokio::test]
async fn other_refusals_are_unexpected_and_named_by_their_code_alone() {
    let mut error = failed("resource_missing", Value::Null);
    error["error"]["type"] = json!("idempotency_error");
    for status in [400, 404, 422] {
        let answer = authorise(status, &error).await.unwrap_err();
        let ProviderError::Unexpected(cause) = &answer else {
            panic!("{answer:?}");
        };
        assert!(cause.0.contains("resource_missing"), "{cause}");
        assert!(!cause.0.contains("Jane"), "{cause}");
    }
}

#[tokio::test]
async fn settles_under_a_key_of_its_own() {
    let stub = Stub::new([
        Act::Answer(200, intent("succeeded").to_string()),
        Act::Answer(200, intent("canceled").to_string()),
    ])
    .await;
    let payments = client(&stub);
    let captured = payments.capture(ORDER, Attempt(2), &reference()).await;
    assert_eq!(captured.unwrap(), Settled::Captured);
    let closed = payments.cancel(ORDER, Attempt(2), &reference()).await;
    assert_eq!(closed.unwrap(), Settled::Closed);
    let asked = stub.asked();
    assert_eq!(asked[0].uri, "/v1/payment_intents/pi_1/capture");
    assert_eq!(
        asked[0].headers["idempotency-key"],
        format!("{ORDER}:capture:2")
    );
    assert_eq!(asked[1].uri, "/v1/payment_intents/pi_1/cancel");
    assert_eq!(
        asked[1].headers["idempotency-key"],
        format!("{ORDER}:cancel:2")
    );
}

#[tokio::test]
async fn a_refusal_because_of_the_state_answers_with_that_state() {
    let code = "payment_intent_unexpected_state";
    let captured = capture(400, &failed(code, intent("succeeded"))).await;
    assert_eq!(captured.unwrap(), Settled::Captured);
    let closed = capture(400, &failed(code, intent("canceled"))).await;
    assert_eq!(closed.unwrap(), Settled::Closed);
    let neither = capture(400, &failed(code, intent("requires_payment_method"))).await;
    assert!(matches!(neither, Err(ProviderError::Unexpected(_))));
}

#[tokio::test]
async fn reads_the_payment_when_the_refusal_does_not_show_it() {
    for code in [
        "payment_intent_unexpected_state",
        "charge_expired_for_capture",
    ] {
        let error = json!({"error": {"type": "invalid_request_error", "code": code}});
        let stub = Stub::new([
            Act::Answer(400, error.to_string()),
            Act::Answer(200, intent("canceled").to_string()),
        ])
        .await;
        let answer = client(&stub).capture(ORDER, Attempt(2), &reference()).await;
        assert_eq!(answer.unwrap(), Settled::Closed);
        assert_eq!(stub.asked()[1].uri, "/v1/payment_intents/pi_1");
    }
}

#[tokio::test]
async fn a_declined_capture_is_refused_for_good_and_still_held() {
    let error = failed("card_declined", intent("requires_capture"));
    let answer = capture(402, &error).await.unwrap_err();
    assert!(matches!(answer, ProviderError::Refused(_)), "{answer:?}");
    for other in ["processing", "requires_payment_method"] {
        let error = failed("card_declined", intent(other));
        let answer = capture(402, &error).await.unwrap_err();
        assert!(
            !matches!(answer, ProviderError::Refused(_)),
            "{other}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn does_not_believe_a_settlement_of_another_payment_or_of_a_part() {
    let captured = intent("succeeded");
    for wrong in [
        with(captured.clone(), "id", json!("pi_2")),
        with(captured.clone(), "amount_received", json!(1199)),
        intent("requires_capture"),
    ] {
        let answer = capture(200, &wrong).await;
        assert!(
            matches!(answer, Err(ProviderError::Unexpected(_))),
            "{wrong} {answer:?}"
        );
    }
}

#[tokio::test]
async fn finds_the_attempt_among_what_is_listed() {
    let other = json!({"order_id": ORDER.to_string(), "attempt": "1"});
    let other = with(intent("canceled"), "metadata", other);
    let found = look_up(json!([other, intent("requires_capture")])).await;
    assert_eq!(found.unwrap(), Some(Authorisation::Held(reference())));
    assert_eq!(look_up(json!([other])).await.unwrap(), None);
    assert_eq!(look_up(json!([])).await.unwrap(), None);
}

#[tokio::test]
async fn finds_why_the_attempt_was_declined() {
    let error = json!({"type": "card_error", "decline_code": "generic_decline"});
    let declined = with(
        intent("requires_payment_method"),
        "last_payment_error",
        error,
    );
    let found = look_up(json!([declined])).await.unwrap();
    let reason = "generic_decline".to_owned();
    assert_eq!(found, Some(Authorisation::Declined(reason)));
}

#[tokio::test]
async fn two_payments_for_one_attempt_are_unexpected() {
    let found = look_up(json!([
        intent("requires_capture"),
        intent("requires_capture")
    ]))
    .await;
    assert!(matches!(found, Err(ProviderError::Unexpected(_))));
}
