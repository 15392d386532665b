//! The line in the log, one per request.

use testkit::log::{KeptLog, log_here};

use super::*;

/// What is logged of one request: fields of the event and of its span.
async fn logged(router: Router, request: Request) -> (Value, Value) {
    let kept = KeptLog::default();
    let log = tracing_subscriber::fmt()
        .json()
        .with_writer(kept.clone())
        .finish();
    let guard = log_here(log);
    ask(router, request).await;
    drop(guard);
    let text = kept.text();
    assert_eq!(text.lines().count(), 1, "{text}");
    let line: Value = serde_json::from_str(&text).unwrap();
    (line["fields"].clone(), line["span"].clone())
}

#[tokio::test]
async fn a_request_is_one_line_with_route_status_and_order() {
    let noted = async || {
        crate::note_order("o-1");
        "fine"
    };
    let router = Api::default().get("/noted/{id}", Policy::Anybody, noted);
    let request = get_request("/noted/5", &[("x-request-id", "r-1")]);
    let (event, span) = logged(edge(router, Options::public(new_id)), request).await;
    assert_eq!(
        (&event["outcome"], &event["status"]),
        (&json!("ok"), &json!(200))
    );
    assert!(event["duration_ms"].is_u64());
    assert_eq!(span["http.route"], "/noted/{id}");
    assert_eq!(span["http.request_id"], "r-1");
    assert_eq!(span["order.id"], "o-1");
}

#[tokio::test]
async fn a_refused_token_is_logged_by_its_reason_and_never_itself() {
    let mut over = claims();
    over.exp = 0;
    let token = signing_key().mint(&over).unwrap();
    let value = format!("Bearer {token}");
    let request = get_request("/whoami", &[("authorization", &value)]);
    let (event, span) = logged(protected(), request).await;
    assert_eq!(event["outcome"], "unauthorised");
    assert_eq!(event["error"], "expired");
    assert!(!format!("{event}{span}").contains(&token));
}
