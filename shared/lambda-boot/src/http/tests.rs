//! API Gateway's payload in, API Gateway's payload out.

use std::time::Duration;

use axum::routing::{get, post};
use serde_json::json;

use super::*;

async fn broken() -> StatusCode {
    let nothing: Option<StatusCode> = None;
    assert!(nothing.is_some(), "a made-up invariant");
    StatusCode::OK
}

async fn source_seen(ConnectInfo(socket): ConnectInfo<SocketAddr>) -> String {
    socket.ip().to_string()
}

fn router() -> Router {
    Router::new()
        .route("/api/v1/echo", post(async |body: String| body))
        .route("/api/v1/broken", get(broken))
        .route("/api/v1/source", get(source_seen))
        .route("/api/v1/slow", get(std::future::pending::<StatusCode>))
}

fn request(method: &str, path: &str, body: &str) -> Value {
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
        "headers": {"content-type": "text/plain", "host": "api.example"},
        "requestContext": {
            "accountId": "000000000000", "apiId": "api", "domainName": "api.example",
            "domainPrefix": "api", "requestId": "r-1", "routeKey": "$default",
            "stage": "$default", "time": "21/Nov/2026:01:00:00 +0000", "timeEpoch": 1,
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1", "userAgent": "test",
            },
        },
        "body": body, "isBase64Encoded": false,
    })
}

#[tokio::test]
async fn a_request_reaches_its_route_and_the_answer_comes_back() {
    let event = request("POST", "/api/v1/echo", "hello");
    let response = answer(&router(), event).await.unwrap();
    assert_eq!(response["statusCode"], 200);
    assert_eq!(response["body"], "hello");
    assert_eq!(response["isBase64Encoded"], false);
}

#[tokio::test]
async fn an_escaped_question_mark_does_not_lead_to_another_route() {
    for path in ["/api/v1/echo?/cancel", "/api/v1/echo#/cancel"] {
        let response = answer(&router(), request("POST", path, "")).await.unwrap();
        assert_eq!(response["statusCode"], 404, "{path}");
    }
}

#[tokio::test]
async fn a_panic_is_a_problem_without_details() {
    let event = request("GET", "/api/v1/broken", "");
    let response = answer(&router(), event).await.unwrap();
    assert_eq!(response["statusCode"], 500);
    assert_eq!(
        response["headers"]["content-type"],
        "application/problem+json"
    );
    let body: Value = serde_json::from_str(response["body"].as_str().unwrap()).unwrap();
    let problem = json!({
        "type": "https://cartwright.example/problems/internal",
        "title": "Internal", "status": 500,
    });
    assert_eq!(body, problem);
}

#[tokio::test]
async fn a_route_that_takes_too_long_is_unavailable() {
    let event: LambdaRequest = decode(request("GET", "/api/v1/slow", "")).unwrap();
    let budget = Budget::of(Duration::from_millis(1));
    let response = respond(router(), event.into(), budget).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");
}

#[tokio::test]
async fn anything_but_a_request_is_bad_input() {
    let error = answer(&router(), json!({"Records": []})).await.unwrap_err();
    assert_eq!(error.error_type, "BadInput");
}

#[tokio::test]
async fn a_route_sees_the_address_that_api_gateway_saw_whatever_headers_say() {
    let mut event = request("GET", "/api/v1/source", "");
    event["requestContext"]["http"]["sourceIp"] = json!("203.0.113.7");
    event["headers"]["x-forwarded-for"] = json!("198.51.100.1");
    event["headers"]["forwarded"] = json!("for=198.51.100.1");
    let response = answer(&router(), event).await.unwrap();
    assert_eq!(response["body"], "203.0.113.7");
}
