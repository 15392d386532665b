//! Plays an OpenTelemetry collector: takes spans as OTLP over HTTP in JSON, keeps the newest, and
//! shows those of a trace. They are not kept over a restart.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

/// Most spans kept.
const KEPT: usize = 50_000;

type Spans = Arc<Mutex<VecDeque<Value>>>;

/// `POST /v1/traces` and `GET /traces/{trace_id}`. The state is its own.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/v1/traces", post(take))
        .route("/traces/{trace_id}", get(show))
        .with_state(Spans::default())
}

async fn take(State(spans): State<Spans>, Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
    let Some(found) = read(&body) else {
        return (
            StatusCode::BAD_REQUEST,
            Json(json!({"message": "no spans"})),
        );
    };
    let mut spans = spans.lock().unwrap_or_else(PoisonError::into_inner);
    spans.extend(found);
    let excess = spans.len().saturating_sub(KEPT);
    spans.drain(..excess);
    (StatusCode::OK, Json(json!({})))
}

/// Spans with the name of their service, as far as the request is one.
fn read(body: &Value) -> Option<Vec<Value>> {
    let mut found = Vec::new();
    for resource in body.get("resourceSpans")?.as_array()? {
        let attributes = resource.pointer("/resource/attributes")?.as_array()?;
        let named = attributes.iter().find(|it| it["key"] == "service.name")?;
        let service = named.pointer("/value/stringValue")?.as_str()?;
        for scope in resource.get("scopeSpans")?.as_array()? {
            for span in scope.get("spans")?.as_array()? {
                for (name, digits) in [("traceId", 32), ("spanId", 16)] {
                    let id = span.get(name)?.as_str()?;
                    let hex = |byte: u8| byte.is_ascii_hexdigit();
                    (id.len() == digits && id.bytes().all(hex)).then_some(())?;
                }
                let mut span = span.clone();
                span.as_object_mut()?
                    .insert("service".to_owned(), service.into());
                found.push(span);
            }
        }
    }
    Some(found)
}

async fn show(State(spans): State<Spans>, Path(trace_id): Path<String>) -> Json<Vec<Value>> {
    let spans = spans.lock().unwrap_or_else(PoisonError::into_inner);
    let of_trace = |span: &&Value| span["traceId"] == trace_id.as_str();
    Json(spans.iter().filter(of_trace).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_spans_and_nothing_else() {
        let span = json!({"traceId": "0".repeat(32), "spanId": "1".repeat(16), "name": "a"});
        let body = |span: &Value| {
            json!({"resourceSpans": [{
                "resource": {"attributes": [
                    {"key": "service.name", "value": {"stringValue": "orders"}},
                ]},
                "scopeSpans": [{"spans": [span]}],
            }]})
        };
        let found = read(&body(&span)).unwrap();
        assert_eq!(
            (&found[0]["service"], &found[0]["name"]),
            (&json!("orders"), &json!("a"))
        );
        assert_eq!(read(&json!({})), None);
        assert_eq!(read(&body(&json!({"traceId": "x", "spanId": "y"}))), None);
    }
}
