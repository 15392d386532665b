//! Against an HTTP stub that answers `StartExecution`.

use std::sync::{Arc, Mutex};

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sfn::config::{Credentials, SharedCredentialsProvider};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use domain::ports::{StartError, StartRecovery, StartSaga};
use domain::{
    Address, Currency, CustomerId, Epoch, Money, Order, OrderFacts, OrderId, OrderLine, ProductId,
    RequestHash, Sku, TenantId, Totals,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{RecoveryMachine, SagaMachine};

const ORDER: OrderId = OrderId(Uuid::from_u128(7));
const ARN: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:saga";

#[derive(Clone)]
struct StepFunctions {
    answer: (u16, String),
    asked: Arc<Mutex<Vec<Value>>>,
}

impl StepFunctions {
    fn started() -> Self {
        let body = json!({"executionArn": "arn", "startDate": 1_700_000_000.0});
        Self::new(200, &body)
    }

    fn failing(status: u16, code: &str) -> Self {
        Self::new(status, &json!({"__type": code, "message": "no"}))
    }

    fn new(status: u16, body: &Value) -> Self {
        Self {
            answer: (status, body.to_string()),
            asked: Arc::default(),
        }
    }

    async fn serve(&self) -> SdkConfig {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        config(&url)
    }

    async fn start(&self) -> Result<(), StartError> {
        let machine = RecoveryMachine::connect(&self.serve().await, ARN);
        machine.start_recovery(ORDER, Epoch(2), None).await
    }
}

async fn answer(State(service): State<StepFunctions>, body: String) -> (StatusCode, String) {
    let asked = serde_json::from_str(&body).unwrap();
    service.asked.lock().unwrap().push(asked);
    let (status, body) = service.answer;
    (StatusCode::from_u16(status).unwrap(), body)
}

fn config(url: &str) -> SdkConfig {
    let credentials = Credentials::new("id", "secret", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(url)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .build()
}

fn order() -> Order {
    let price = Money::new(600, Currency::parse("EUR").unwrap()).unwrap();
    let text = str::to_owned;
    Order::place(OrderFacts {
        id: ORDER,
        tenant: TenantId::parse("main").unwrap(),
        customer: CustomerId::parse("c-1").unwrap(),
        lines: vec![OrderLine {
            product_id: ProductId::parse("p-1").unwrap(),
            sku: Sku::parse("SKU-1").unwrap(),
            quantity: 2,
            unit_price: price,
        }],
        totals: Totals::of_pieces(price.times(2).unwrap()),
        ship_to: Address {
            name: text("Jane Doe"),
            street: text("Main Street 1"),
            city: text("Springfield"),
            postcode: text("12345"),
            country: text("DE"),
        },
        payment_method: text("pm_card_visa"),
        contact: None,
        placed_at: Timestamp::UNIX_EPOCH,
        request_hash: RequestHash::of(b""),
        traceparent: None,
    })
}

fn input_of(asked: &Value) -> Value {
    serde_json::from_str(asked["input"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn starts_the_saga_with_the_order_as_it_stands() {
    let service = StepFunctions::started();
    let machine = SagaMachine::connect(&service.serve().await, ARN);
    machine.start_saga(&order()).await.unwrap();
    let asked = &service.asked.lock().unwrap()[0];
    assert_eq!(asked["stateMachineArn"], ARN);
    assert_eq!(asked["name"], format!("{ORDER}-1"));
    let input = input_of(asked);
    assert_eq!(input["order_id"], ORDER.to_string());
    assert_eq!(input["epoch"], 1);
    assert_eq!(input["amount"], json!({"minor": 1200, "currency": "EUR"}));
    assert_eq!(input["lines"], json!([{"sku": "SKU-1", "quantity": 2}]));
}

#[tokio::test]
async fn starts_recovery_under_epoch_and_occasion() {
    let service = StepFunctions::started();
    let machine = RecoveryMachine::connect(&service.serve().await, ARN);
    let started = machine.start_recovery(ORDER, Epoch(4), Some("closing-1"));
    started.await.unwrap();
    let asked = &service.asked.lock().unwrap()[0];
    assert_eq!(asked["name"], format!("{ORDER}-4-closing-1"));
    let input = json!({"order_id": ORDER.to_string(), "epoch": 4, "tries": 0});
    assert_eq!(input_of(asked), input);
}

#[tokio::test]
async fn started_before_is_success() {
    let service = StepFunctions::failing(400, "ExecutionAlreadyExists");
    service.start().await.unwrap();
}

#[tokio::test]
async fn tells_unavailable_from_refused() {
    for (status, code) in [
        (400, "ThrottlingException"),
        (400, "ExecutionLimitExceeded"),
        (500, "InternalFailure"),
        (503, "ServiceUnavailable"),
    ] {
        let failed = StepFunctions::failing(status, code).start().await;
        assert!(
            matches!(failed, Err(StartError::Unavailable(_))),
            "{code} {failed:?}"
        );
    }
    for code in [
        "StateMachineDoesNotExist",
        "AccessDeniedException",
        "InvalidName",
    ] {
        let failed = StepFunctions::failing(400, code).start().await;
        assert!(
            matches!(failed, Err(StartError::Refused(_))),
            "{code} {failed:?}"
        );
    }
}

#[tokio::test]
async fn is_unavailable_when_nobody_listens() {
    let machine = RecoveryMachine::connect(&config("http://127.0.0.1:1"), ARN);
    let failed = machine.start_recovery(ORDER, Epoch(1), None).await;
    assert!(matches!(failed, Err(StartError::Unavailable(_))));
}
