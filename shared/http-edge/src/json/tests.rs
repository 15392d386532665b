//! Bodies that are read, and how the others are refused.

use axum::body::{Body, to_bytes};
use serde::Deserialize;
use serde_json::{Value, json};

use super::*;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    lines: Vec<Line>,
    note: Option<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    sku: String,
    quantity: u32,
}

async fn read_as(content_type: Option<&str>, body: &str) -> Result<Order, (u16, Value)> {
    let mut request = Request::builder().method("POST").uri("/");
    if let Some(content_type) = content_type {
        request = request.header(header::CONTENT_TYPE, content_type);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    match Json::<Order>::from_request(request, &()).await {
        Ok(Json(order)) => Ok(order),
        Err(problem) => {
            let response = problem.into_response();
            let status = response.status().as_u16();
            let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            Err((status, serde_json::from_slice(&body).unwrap()))
        }
    }
}

async fn refused(body: &str) -> Value {
    let (status, problem) = read_as(Some("application/json"), body).await.unwrap_err();
    assert_eq!(status, 400, "{body}");
    problem
}

#[tokio::test]
async fn reads_a_body_that_fits() {
    let body = r#"{"lines":[{"sku":"tea","quantity":2}]}"#;
    for content_type in ["application/json", "Application/JSON; charset=\"UTF-8\""] {
        let order = read_as(Some(content_type), body).await.unwrap();
        assert_eq!(order.lines[0].quantity, 2);
        assert_eq!(order.note, None);
    }
}

#[tokio::test]
async fn another_content_type_is_refused() {
    let others = [
        None,
        Some("text/plain"),
        Some("application/jsonp"),
        Some("application/json; charset=latin1"),
        Some(""),
    ];
    for content_type in others {
        let (status, problem) = read_as(content_type, "{}").await.unwrap_err();
        assert_eq!(status, 415, "{content_type:?}");
        let slug = "https://cartwright.example/problems/unsupported-media-type";
        assert_eq!(problem["type"], slug);
    }
}

#[tokio::test]
async fn what_is_not_json_is_malformed() {
    for body in [
        "",
        "{",
        "nonsense",
        "{\"lines\":[]} trailing",
        "{\"lines\":[],}",
        "\u{feff}{}",
    ] {
        let problem = refused(body).await;
        let slug = "https://cartwright.example/problems/malformed-json";
        assert_eq!(problem["type"], slug, "{body}");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_told_by_its_pointer() {
    for (body, pointer) in [
        (r#"{"lines":[],"price":1}"#, "/price"),
        (
            r#"{"lines":[{"sku":"tea","quantity":2,"price":1}]}"#,
            "/lines/0/price",
        ),
        (
            r#"{"lines":[{"sku":"tea","quantity":-1}]}"#,
            "/lines/0/quantity",
        ),
        (
            r#"{"lines":[{"sku":"tea","quantity":1.5}]}"#,
            "/lines/0/quantity",
        ),
        (
            r#"{"lines":[{"sku":"tea","quantity":"2"}]}"#,
            "/lines/0/quantity",
        ),
        (r#"{"lines":[{"sku":"tea"}]}"#, "/lines/0"),
        (r#"{"lines":{}}"#, "/lines"),
        (r#"{"lines":[],"a/b~c":1}"#, "/a~1b~0c"),
        ("{}", ""),
        ("[1]", "/0"),
        ("null", ""),
    ] {
        let problem = refused(body).await;
        let slug = "https://cartwright.example/problems/unexpected-body";
        assert_eq!(problem["type"], slug, "{body}");
        assert_eq!(problem["errors"][0]["pointer"], json!(pointer), "{body}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(!detail.contains("at line"), "{detail}");
    }
}

#[tokio::test]
async fn a_field_given_twice_is_refused() {
    let problem = refused(r#"{"lines":[],"lines":[]}"#).await;
    assert_eq!(problem["detail"], "duplicate field `lines`");
}

#[tokio::test]
async fn nesting_without_end_is_refused() {
    let problem = refused(&"[".repeat(60_000)).await;
    assert_eq!(problem["status"], 400);
}
