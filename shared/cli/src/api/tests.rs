//! Against an HTTP stub that answers as told.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use contracts::AddressBody;
use contracts::http::{PlaceOrder, PlaceOrderLine};
use serde_json::{Value, json};
use testkit::build::order_id;

use super::{Api, ApiError};
use crate::settings::Settings;

/// Answers with the status and, where that is a success, what was asked.
async fn serve(status: u16, body: Value) -> Api {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "http://{}/_aws/execute-api/abc",
        listener.local_addr().unwrap()
    );
    let router = Router::new().fallback(answer).with_state((status, body));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Api::at(&url, "token").unwrap()
}

async fn answer(
    State((status, body)): State<(u16, Value)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    asked: String,
) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    if !status.is_success() {
        return (status, body.to_string()).into_response();
    }
    let path = uri.path().strip_prefix("/_aws/execute-api/abc").unwrap();
    assert_eq!(headers["authorization"], "Bearer token");
    match (method.as_str(), path) {
        ("POST", "/api/v1/orders") => {
            assert_eq!(headers["idempotency-key"], "key");
            let asked: Value = serde_json::from_str(&asked).unwrap();
            assert_eq!(asked["lines"][0]["product_id"], "p-1");
        }
        ("GET", path) => assert_eq!(path, format!("/api/v1/orders/{}/status", order_id(1))),
        other => panic!("{other:?}"),
    }
    let replayed = [("idempotency-replayed", "true")];
    (status, replayed, body.to_string()).into_response()
}

fn an_order() -> PlaceOrder {
    let address = testkit::build::address();
    PlaceOrder {
        lines: vec![PlaceOrderLine {
            product_id: "p-1".to_owned(),
            quantity: 1,
        }],
        ship_to: AddressBody::from(&address),
        payment_method: "pm_card_visa".to_owned(),
        contact: None,
        expected_total: None,
    }
}

#[tokio::test]
async fn places_an_order_below_the_address_of_the_stage() {
    let body = json!({
        "order_id": order_id(1).to_string(), "status": "pending", "lines": [],
        "subtotal": {"minor": 1, "currency": "EUR"}, "shipping": {"minor": 0, "currency": "EUR"},
        "tax": {"minor": 0, "currency": "EUR"}, "total": {"minor": 1, "currency": "EUR"},
        "placed_at": "2026-01-01T00:00:00Z",
    });
    let api = serve(201, body).await;
    let (placed, replayed) = api.place(&an_order(), "key").await.unwrap();
    assert_eq!(placed.order_id, order_id(1).to_string());
    assert!(replayed);
}

#[tokio::test]
async fn asks_where_an_order_is() {
    let id = order_id(1).to_string();
    let body = json!({"order_id": id, "status": "confirmed", "version": 3, "ended": true});
    let api = serve(200, body).await;
    let status = api.status(order_id(1)).await.unwrap();
    assert_eq!((status.version, status.ended), (3, true));
}

#[tokio::test]
async fn says_in_words_what_was_refused() {
    let problem = json!({
        "type": "t", "title": "Invalid body", "detail": "two fields are wrong",
        "errors": [{"pointer": "/lines", "detail": "at most 50"}],
    });
    let api = serve(422, problem).await;
    let error = api.place(&an_order(), "key").await.unwrap_err();
    assert!(!error.is_passing());
    assert_eq!(
        error.to_string(),
        "the API answered 422: Invalid body: two fields are wrong; /lines: at most 50"
    );
    let bare = serve(404, json!("?")).await.order(order_id(1)).await;
    assert_eq!(
        bare.unwrap_err().to_string(),
        "the API answered 404: no reason given"
    );
}

#[tokio::test]
async fn knows_which_failures_may_pass() {
    let busy = serve(503, json!({})).await.status(order_id(1)).await;
    assert!(busy.unwrap_err().is_passing());
    let unreadable = serve(200, json!({})).await.status(order_id(1)).await;
    assert!(unreadable.unwrap_err().is_passing());
    let away = Api::at("http://127.0.0.1:1", "token").unwrap();
    assert!(away.status(order_id(1)).await.unwrap_err().is_passing());
}

#[test]
fn needs_an_address_and_a_token() {
    let url = Settings::of([("API_URL", "http://127.0.0.1:1")]);
    let text = Api::new(&url, None).unwrap_err().to_string();
    assert!(text.starts_with("CUSTOMER_TOKEN not set"), "{text}");
    assert!(Api::new(&url, Some("token")).is_ok());
    assert!(matches!(Api::at("ftp://host", ""), Err(ApiError::Address)));
}
