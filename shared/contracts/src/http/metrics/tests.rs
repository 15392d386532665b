//! What a batch may be, and that it comes out of its queue as it went in.

use domain::TenantId;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{MAX_METRICS_BYTES, MetricBatchBody, QueuedMetrics};

fn shop() -> TenantId {
    TenantId::parse("north").unwrap()
}

fn now() -> Timestamp {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

fn body(events: Value) -> MetricBatchBody {
    let id = "018f2c5e-9b7a-7c31-a4d2-0e1f2a3b4c5d";
    serde_json::from_value(json!({"batch_id": id, "events": events})).unwrap()
}

fn refused(body: &MetricBatchBody) -> (String, String) {
    let refused = body.parse_new(shop(), now()).unwrap_err();
    (refused.pointer, refused.problem)
}

fn event(field: &str, value: Value) -> Value {
    let mut event =
        json!({"type": "page.viewed", "at": "2026-11-23T09:59:59.5Z", "processing_ms": 12.5});
    event[field] = value;
    event
}

#[test]
fn what_cannot_be_is_told_by_its_place() {
    let good = || event("payload", json!({"path": "/a"}));
    let cases = [
        (event("type", json!("")), "/events/1/type"),
        (event("type", json!("a b")), "/events/1/type"),
        (
            event("processing_ms", json!(-0.001)),
            "/events/1/processing_ms",
        ),
        (
            event("processing_ms", json!(86_400_001)),
            "/events/1/processing_ms",
        ),
        (event("at", json!("2026-11-23T10:01:01Z")), "/events/1/at"),
        (event("at", json!("2024-11-30T23:59:59Z")), "/events/1/at"),
        (
            event("payload", json!({"long": "x".repeat(2_048)})),
            "/events/1/payload",
        ),
        (
            event("payload", json!({"a": [{"b\0": 1}]})),
            "/events/1/payload",
        ),
        (event("payload", json!({"a": ["\0"]})), "/events/1/payload"),
    ];
    for (wrong, pointer) in cases {
        assert_eq!(refused(&body(json!([good(), wrong]))).0, pointer);
    }
    assert_eq!(refused(&body(json!([]))).0, "/events");
    assert_eq!(refused(&body(json!(vec![good(); 1_001]))).0, "/events");
    let mut other = body(json!([good()]));
    other.batch_id = other.batch_id.to_uppercase();
    assert_eq!(refused(&other).0, "/batch_id");
}

#[test]
fn what_is_old_when_it_is_read_is_a_batch_all_the_same() {
    let old = body(json!([event("at", json!("2020-01-01T00:00:00Z"))]));
    assert_eq!(refused(&old).0, "/events/0/at");
    assert!(old.parse(shop()).is_ok());
}

#[test]
fn a_backslash_before_zeroes_is_no_nul() {
    let fine = body(json!([event("payload", json!({"a": "\\u0000"}))]));
    assert!(fine.parse(shop()).is_ok());
}

#[test]
fn the_largest_batch_that_the_api_takes_fits_into_the_queue_or_is_refused() {
    let short = r#"{"type":"a","at":"2026-11-23T09Z","processing_ms":1}"#;
    let many = vec![short; 1_000].join(",");
    let text =
        format!(r#"{{"batch_id":"018f2c5e-9b7a-7c31-a4d2-0e1f2a3b4c5d","events":[{many}]}}"#);
    assert!(text.len() < MAX_METRICS_BYTES);
    let queued = |batch| QueuedMetrics {
        tenant: "north".to_owned(),
        traceparent: None,
        batch,
    };
    let batch = serde_json::from_str(&text).unwrap();
    assert!(queued(batch).letter().is_ok());
    let payload = json!({"a": "x".repeat(1_900)});
    let large = body(json!(vec![event("payload", payload); 140]));
    assert_eq!(queued(large).letter().unwrap_err().pointer, "/events");
}

#[test]
fn what_is_no_message_of_ours_is_refused_without_saying_what_it_was() {
    for text in [
        "",
        "[]",
        "{}",
        r#"{"tenant":"north","batch":{"batch_id":"x","secret":1}}"#,
    ] {
        assert_eq!(
            QueuedMetrics::read(text).unwrap_err().problem,
            "no batch of events"
        );
    }
}

proptest! {
    #[test]
    fn a_batch_comes_out_of_the_queue_as_it_went_in(
        events in prop::collection::vec((0..4_000_000_i64, 0..86_400_000_000_i64, "[a-z.]{1,20}", any::<Option<(String, i64)>>()), 1..20)
    ) {
        let events: Vec<Value> = events.iter().map(|(before, micros, kind, payload)| {
            let at = now() - jiff::SignedDuration::from_micros(before * 1_000_003 % 50_000_000_000_000);
            let payload = payload.as_ref().map(|(text, number)| json!({"text": text.replace('\0', ""), "number": number}));
            let mut event = json!({"type": kind, "at": at.to_string(), "processing_ms": *micros as f64 / 1_000.0});
            if let Some(payload) = payload { event["payload"] = payload; }
            event
        }).collect();
        let body = body(json!(events));
        let batch = body.parse_new(shop(), now()).unwrap();
        let queued = QueuedMetrics { tenant: "north".to_owned(), traceparent: None, batch: body };
        prop_assert_eq!(QueuedMetrics::read(&queued.letter().unwrap().body).unwrap(), batch);
    }
}
