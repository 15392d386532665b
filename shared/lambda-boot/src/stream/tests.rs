//! Both ways of telling that a batch failed.

use std::time::Duration;

use contracts::edge::Kind;
use contracts::errors::ErrorName;

use super::*;

#[derive(Debug, thiserror::Error)]
#[error("throttled at {0}")]
struct Throttled(String);

impl EdgeError for Throttled {
    fn kind(&self) -> Kind {
        Kind::Retryable
    }

    fn name(&self) -> ErrorName {
        ErrorName::Unavailable
    }
}

fn event(numbers: &[&str]) -> Value {
    let record = |number: &&str| {
        json!({
            "eventID": "e", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-1", "eventName": "MODIFY",
            "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/x",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_700_000_000.5, "SequenceNumber": number,
                "SizeBytes": 10, "StreamViewType": "NEW_AND_OLD_IMAGES",
                "Keys": {"pk": {"S": "ORDER#1"}},
                "NewImage": {"pk": {"S": "ORDER#1"}, "version": {"N": "2"}},
                "OldImage": {"pk": {"S": "ORDER#1"}, "version": {"N": "1"}},
            },
        })
    };
    json!({"Records": numbers.iter().map(record).collect::<Vec<_>>()})
}

/// A handler to which the records with these numbers fail, the last one first.
async fn run(fails: &[&str], mode: StreamFailure) -> Result<Value, Diagnostic> {
    let handler = async |records: Vec<Record>| {
        let failed = |record: &&Record| fails.contains(&record.sequence_number.as_str());
        let note = |record: &Record| record.failed(Throttled(record.sequence_number.to_string()));
        records.iter().rev().filter(failed).map(note).collect()
    };
    // 9 < 10 as numbers, not as texts.
    answer(handler, event(&["8", "9", "10", "11"]), mode).await
}

#[tokio::test]
async fn nothing_failed() {
    for mode in [StreamFailure::Items, StreamFailure::Batch] {
        assert_eq!(run(&[], mode).await, Ok(json!({"batchItemFailures": []})));
    }
}

#[tokio::test]
async fn on_aws_the_lowest_failed_sequence_number_is_told() {
    let answer = run(&["9", "10"], StreamFailure::Items).await;
    let lowest = json!({"batchItemFailures": [{"itemIdentifier": "9"}]});
    assert_eq!(answer, Ok(lowest));
}

#[tokio::test]
async fn on_the_emulator_the_invocation_fails() {
    let error = run(&["9", "10"], StreamFailure::Batch).await.unwrap_err();
    assert_eq!(error.error_type, "Unavailable");
    assert_eq!(error.error_message, "throttled at 9");
}

#[tokio::test]
async fn a_batch_interrupted_by_a_panic_is_sent_again_as_a_whole() {
    let handler = async |records: Vec<Record>| -> Vec<Failed<Throttled>> {
        assert!(records.is_empty(), "a made-up invariant");
        Vec::new()
    };
    let items = answer(handler, event(&["8", "9"]), StreamFailure::Items).await;
    let first = json!({"batchItemFailures": [{"itemIdentifier": "8"}]});
    assert_eq!(items, Ok(first));
    let batch = answer(handler, event(&["8", "9"]), StreamFailure::Batch).await;
    assert_eq!(batch.unwrap_err().error_type, "Internal");
}

#[tokio::test]
async fn a_batch_that_takes_too_long_is_sent_again_as_a_whole() {
    let hangs = |_: Vec<Record>| std::future::pending::<Vec<Failed<Throttled>>>();
    let budget = Budget::of(Duration::from_millis(1));
    let items = answer_within(hangs, event(&["8", "9"]), StreamFailure::Items, budget).await;
    let first = json!({"batchItemFailures": [{"itemIdentifier": "8"}]});
    assert_eq!(items, Ok(first));
    let batch = answer_within(hangs, event(&["8"]), StreamFailure::Batch, budget).await;
    assert_eq!(batch.unwrap_err().error_type, "Unavailable");
}

#[tokio::test]
async fn a_failure_outside_the_batch_sends_the_whole_batch_again() {
    let other: Batch = decode(event(&["99"])).unwrap();
    let handler = async |_: Vec<Record>| {
        let stray = |record: &Record| record.failed(Throttled("99".into()));
        other.records.iter().map(stray).collect()
    };
    let items = answer(handler, event(&["8", "9"]), StreamFailure::Items).await;
    let first = json!({"batchItemFailures": [{"itemIdentifier": "8"}]});
    assert_eq!(items, Ok(first));
}

#[tokio::test]
async fn an_event_that_cannot_be_read_fails_in_both_modes() {
    for mode in [StreamFailure::Items, StreamFailure::Batch] {
        for broken in [json!({}), event(&[""]), event(&["x"])] {
            let handler = async |_: Vec<Record>| Vec::<Failed<Throttled>>::new();
            let error = answer(handler, broken, mode).await.unwrap_err();
            assert_eq!(error.error_type, "BadInput");
        }
    }
}

#[test]
fn a_record_keeps_keys_and_images_as_they_came() {
    let batch: Batch = decode(event(&["8"])).unwrap();
    let record = &batch.records[0];
    assert_eq!(record.change, Change::Modify);
    assert_eq!(record.keys, json!({"pk": {"S": "ORDER#1"}}));
    assert_eq!(record.new_image.as_ref().unwrap()["version"]["N"], "2");
    assert_eq!(record.old_image.as_ref().unwrap()["version"]["N"], "1");
}

#[test]
fn an_inserted_item_has_no_old_image() {
    let mut inserted = event(&["8"]);
    let record = &mut inserted["Records"][0];
    record["eventName"] = json!("INSERT");
    record["dynamodb"]
        .as_object_mut()
        .unwrap()
        .remove("OldImage");
    let batch: Batch = decode(inserted).unwrap();
    assert_eq!(batch.records[0].change, Change::Insert);
    assert_eq!(batch.records[0].old_image, None);
}

#[test]
fn modes_have_names() {
    assert_eq!("items".parse(), Ok(StreamFailure::Items));
    assert_eq!("batch".parse(), Ok(StreamFailure::Batch));
    assert_eq!("Batch".parse::<StreamFailure>(), Err("items or batch"));
}
