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

/// A payload by its text.
fn with_payload(payload: &str) -> MetricBatchBody {
    body(json!([event(
        "payload",
        serde_json::from_str(payload).unwrap()
    )]))
}

fn why_refused(payload: &str) -> String {
    let (pointer, problem) = refused(&with_payload(payload));
    assert_eq!(pointer, "/events/0/payload");
    problem
}

#[test]
fn a_payload_is_as_long_as_postgresql_writes_it() {
    let text =
        |number: &str, times: usize| format!(r#"{{"n":[{}]}}"#, vec![number; times].join(","));
    for number in ["1e308", "-1E+308", "1e-308", "1.5e300"] {
        assert!(with_payload(&text(number, 6)).parse(shop()).is_ok());
        let long = why_refused(&text(number, 7));
        assert_eq!(long, "it is longer than 2048 bytes", "{number}");
    }
    // 308 zeroes are read as the same number.
    let zeroes = format!("1{}", "0".repeat(308));
    assert!(with_payload(&text(&zeroes, 6)).parse(shop()).is_ok());
    assert!(
        with_payload(&text("18446744073709551615", 90))
            .parse(shop())
            .is_ok()
    );
    assert!(with_payload(&text("0.5", 500)).parse(shop()).is_ok());
}

/// `inner` in so many lists, or in objects.
fn nested(times: usize, (open, close): (&str, &str), inner: &str) -> String {
    format!("{}{inner}{}", open.repeat(times), close.repeat(times))
}

#[test]
fn a_payload_is_nested_32_deep_and_no_deeper() {
    let lists = |times| format!(r#"{{"a":{}}}"#, nested(times, ("[", "]"), ""));
    let objects = |times| nested(times, (r#"{"a":"#, "}"), "1");
    for good in [lists(31), objects(32)] {
        assert!(with_payload(&good).parse(shop()).is_ok());
    }
    let mixed = format!(r#"{{"a":[{}]}}"#, objects(31));
    for deep in [lists(32), objects(33), mixed, objects(120), lists(120)] {
        assert_eq!(why_refused(&deep), "it is nested more than 32 deep");
    }
}

/// SQS refuses a message with one of them: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>.
#[test]
fn characters_that_sqs_does_not_take_come_out_of_the_queue_all_the_same() {
    let payload = json!({"a\u{fffe}": ["\u{ffff}\u{fffe}", "\\ufffe", "\u{fffd}"]});
    let batch = body(json!([event("payload", payload)]));
    let queued = QueuedMetrics {
        tenant: "north".to_owned(),
        traceparent: None,
        batch: batch.clone(),
    };
    let letter = queued.letter().unwrap().body;
    assert!(!letter.contains(['\u{fffe}', '\u{ffff}']), "{letter}");
    assert_eq!(QueuedMetrics::read(&letter), batch.parse(shop()));
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

    #[test]
    fn what_is_taken_can_be_read_from_the_queue_however_it_is_nested(
        kinds in prop::collection::vec(any::<bool>(), 0..123)
    ) {
        let wrap = |inner: Value, is_list: &bool| match is_list {
            true => json!([inner]),
            false => json!({"a": inner}),
        };
        let inner = kinds.iter().fold(json!(1), wrap);
        let batch = body(json!([event("payload", json!({"a": inner}))]));
        let taken = batch.parse_new(shop(), now());
        prop_assert_eq!(taken.is_ok(), kinds.len() < 32);
        let queued = QueuedMetrics { tenant: "north".to_owned(), traceparent: None, batch };
        if let Ok(taken) = taken {
            prop_assert_eq!(QueuedMetrics::read(&queued.letter().unwrap().body).unwrap(), taken);
        }
    }
}
