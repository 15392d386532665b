//! Which texts are traces.

use std::error::Error;

use super::Trace;

const SAMPLE: &str = include_str!("../../fixtures/sample.json");

/// What is said of the sample with one part replaced.
fn complaint(part: &str, by: &str) -> String {
    assert!(SAMPLE.contains(part), "{part}");
    let error = Trace::from_json(&SAMPLE.replacen(part, by, 1)).unwrap_err();
    let cause = error.source().map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}

#[test]
fn the_sample_reads_back_as_it_was_written() {
    let trace = Trace::from_json(SAMPLE).unwrap();
    let json = serde_json::to_string(&trace).unwrap();
    assert_eq!(Trace::from_json(&json).unwrap(), trace);
}

#[test]
fn says_what_is_wrong_with_a_trace() {
    for (part, by, words) in [
        ("\"orders\": 10", "\"orders\": 0", "a nonzero u64"),
        ("\"orders\": 10,", "", "missing field `orders`"),
        ("\"scenario\"", "\"scenery\"", "unknown field `scenery`"),
        (
            "\"service\": \"ses\"",
            "\"service\": \"s3\"",
            "unknown variant `s3`",
        ),
        (
            "\"trigger\": \"http\"",
            "\"trigger\": \"hook\"",
            "unknown variant `hook`",
        ),
        (
            "\"kind\": \"express\"",
            "\"kind\": \"quick\"",
            "unknown variant `quick`",
        ),
        ("\"count\": 10", "\"count\": -1", "integer `-1`"),
        (
            "\"write_units\": 40.0",
            "\"write_units\": -1.0",
            "place-order's PutItem has -1 write units",
        ),
        (
            "\"failed\": 2",
            "\"failed\": 31",
            "notify's UpdateItem: 31 of 30 calls failed",
        ),
        (
            "\"function\": \"start-saga\", \"trigger\"",
            "\"function\": \"other\", \"trigger\"",
            "start-saga made calls but was never invoked",
        ),
        (
            "\"sweep\", \"trigger\": \"schedule\"",
            "\"notify\", \"trigger\": \"queue\"",
            "sweep made calls",
        ),
    ] {
        let said = complaint(part, by);
        assert!(said.contains(words), "{by}: {said}");
    }
}

#[test]
fn says_where_a_trace_cannot_be_read() {
    let said = complaint("\"http_requests\": 10", "\"http_requests\": ten");
    assert!(said.starts_with("the trace cannot be read: "), "{said}");
    assert!(said.contains("line 4"), "{said}");
}

#[test]
fn a_function_has_one_row_for_a_trigger() {
    let mut trace = Trace::from_json(SAMPLE).unwrap();
    let again = trace.invocations[0].clone();
    trace.invocations.push(again);
    let said = trace.check().unwrap_err().to_string();
    assert_eq!(said, "place-order has two rows for the same trigger");
}
