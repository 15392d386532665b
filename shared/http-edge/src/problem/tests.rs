//! What a refusal looks like on the wire.

use axum::body::to_bytes;

use super::*;

#[derive(Debug, thiserror::Error)]
#[error("sku {sku}: only {left} left")]
struct Made {
    sku: &'static str,
    left: u32,
    name: ErrorName,
    #[source]
    cause: std::fmt::Error,
}

impl EdgeError for Made {
    fn kind(&self) -> Kind {
        self.name.kind()
    }

    fn name(&self) -> ErrorName {
        self.name
    }
}

fn made(name: ErrorName) -> Made {
    Made {
        sku: "tea",
        left: 2,
        name,
        cause: std::fmt::Error,
    }
}

async fn sent(problem: Problem) -> (StatusCode, HeaderMap, Value) {
    let response = problem.into_response();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (
        parts.status,
        parts.headers,
        serde_json::from_slice(&body).unwrap(),
    )
}

#[tokio::test]
async fn a_rejection_tells_its_type_and_detail() {
    let (status, headers, body) = sent(made(ErrorName::OutOfStock).into()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
    let expected = json!({
        "type": "https://cartwright.example/problems/out-of-stock",
        "title": "Out of stock", "status": 422, "detail": "sku tea: only 2 left",
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn each_kind_has_its_status() {
    for (name, expected) in [
        (ErrorName::OutOfStock, 422),
        (ErrorName::BadInput, 400),
        (ErrorName::OrderMissing, 404),
        (ErrorName::Conflict, 409),
        (ErrorName::Unavailable, 503),
        (ErrorName::Internal, 500),
        (ErrorName::LeaseSold, 500),
    ] {
        let (status, headers, _) = sent(made(name).into()).await;
        assert_eq!(status.as_u16(), expected, "{name}");
        let retry = headers.contains_key(header::RETRY_AFTER);
        assert_eq!(retry, expected == 503, "{name}");
    }
}

#[tokio::test]
async fn a_fault_keeps_its_detail_and_name_for_the_log() {
    let problem = Problem::from(made(ErrorName::LeaseSold));
    let noted = problem.0.noted.clone();
    let (_, _, body) = sent(problem).await;
    let expected = json!({
        "type": "https://cartwright.example/problems/internal",
        "title": "Internal", "status": 500,
    });
    assert_eq!(body, expected);
    assert_eq!(noted.name, Some(ErrorName::LeaseSold));
    let chain = "sku tea: only 2 left: an error occurred when formatting an argument";
    assert_eq!(noted.cause.as_deref(), Some(chain));
}

#[tokio::test]
async fn an_invalid_body_points_to_the_field() {
    let invalid = InvalidBody::at("/lines/0/quantity", "1 to 1000");
    let (status, _, body) = sent(Problem::invalid(invalid).with("limit", 1000)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let expected = json!({
        "type": "https://cartwright.example/problems/invalid-body",
        "title": "Invalid body", "status": 422, "detail": "/lines/0/quantity: 1 to 1000",
        "errors": [{"pointer": "/lines/0/quantity", "detail": "1 to 1000"}],
        "limit": 1000,
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_bare_status_becomes_a_problem_too() {
    for (status, slug) in [
        (StatusCode::NOT_FOUND, "not-found"),
        (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed"),
        (StatusCode::PAYLOAD_TOO_LARGE, "body-too-large"),
        (StatusCode::UNAUTHORIZED, "unauthorised"),
        (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    ] {
        let (sent_status, _, body) = sent(Problem::of_status(status)).await;
        assert_eq!(sent_status, status);
        assert_eq!(body["type"], format!("{TYPES}{slug}"));
    }
}
