//! Real stream events through the runner, against a workflow service in memory.

use domain::{Aggregate, Epoch, OrderCommand, RefundId};
use dynamo_store::Stored;
use lambda_boot::{Diagnostic, stream};
use serde_json::{Value, json};
use testkit::build::{an_order, at, order_id};
use testkit::fakes::{FakeWorkflow, Fault, Started};
use testkit::stream::{ItemChange, stream_event};

use super::*;

/// The image of an order as the table's stream carries it.
fn image(order: &domain::Order) -> Value {
    serde_json::to_value(order.encode().unwrap()).unwrap()
}

fn placed(number: u64) -> ItemChange {
    ItemChange::inserted(image(&an_order().number(number).pending()))
}

async fn run(
    saga: &FakeWorkflow,
    event: Value,
    failure: StreamFailure,
) -> Result<Value, Diagnostic> {
    stream::answer(
        async |records| handle(saga, saga, records).await,
        event,
        failure,
    )
    .await
}

fn nothing_failed() -> Result<Value, Diagnostic> {
    Ok(json!({"batchItemFailures": []}))
}

/// Names of the executions, without the order.
fn names(saga: &FakeWorkflow) -> Vec<String> {
    let name = |started: Started| match started {
        Started::Saga { name, .. } | Started::Recovery { name, .. } => name,
    };
    saga.started().into_iter().map(name).collect()
}

fn name(number: u64) -> String {
    format!("{}-1", order_id(number))
}

fn fixture() -> Value {
    serde_json::from_str(include_str!("../fixtures/orders-stream.json")).unwrap()
}

#[tokio::test]
async fn an_order_in_the_stream_starts_its_saga() {
    let saga = FakeWorkflow::default();
    let answer = run(&saga, fixture(), StreamFailure::Items).await;
    assert_eq!(answer, nothing_failed());
    let [Started::Saga { name, input }] = &saga.started()[..] else {
        panic!("{:?}", saga.started());
    };
    assert_eq!(name, "00000000-0000-8000-8000-000000000001-1");
    insta::assert_snapshot!(serde_json::to_string_pretty(input).unwrap(), @r#"
    {
      "order_id": "00000000-0000-8000-8000-000000000001",
      "tenant": "main",
      "customer_id": "alice",
      "epoch": 1,
      "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "lines": [
        {
          "sku": "sku-tea",
          "quantity": 1
        }
      ],
      "amount": {
        "minor": 1200,
        "currency": "EUR"
      },
      "payment_method": "pm_card_visa",
      "ship_to": {
        "name": "Ada Lovelace",
        "street": "12 St James's Square",
        "city": "London",
        "postcode": "SW1Y 4JH",
        "country": "GB"
      }
    }
    "#);
}

/// Otherwise the fixture would show an event that never comes.
#[test]
fn the_fixture_is_what_the_store_writes() {
    let fixture = fixture();
    let stored = &fixture["Records"][0]["dynamodb"]["NewImage"];
    assert_eq!(*stored, image(&an_order().pending()));
}

#[tokio::test]
async fn only_inserts_of_orders_start_sagas() {
    let (pending, charging) = (an_order().pending(), an_order().charging());
    let product = json!({"pk": {"S": "PRODUCT#tea"}, "entity": {"S": "product"}});
    let event = stream_event(&[
        ItemChange::modified(image(&pending), image(&charging)),
        ItemChange::removed(image(&charging)),
        ItemChange::inserted(product),
    ]);
    let saga = FakeWorkflow::default();
    let answer = run(&saga, event, StreamFailure::Items).await;
    assert_eq!(answer, nothing_failed());
    assert_eq!(saga.started(), []);
}

fn cancelled_late() -> Order {
    let mut order = an_order().number(1).confirmed();
    order.execute(&OrderCommand::RequestCancel, at(9)).unwrap();
    order
}

#[tokio::test]
async fn a_refund_that_is_granted_starts_recovery_once() {
    let before = image(&an_order().number(1).confirmed());
    let granted = image(&cancelled_late());
    let mut looked_at = cancelled_late();
    looked_at.look_again_at(Epoch::FIRST, at(20)).unwrap();
    let looked_at = image(&looked_at);
    let mut refunded = cancelled_late();
    let id = RefundId::of_cancel();
    refunded
        .execute(&OrderCommand::RecordRefunded { id }, at(30))
        .unwrap();
    let refunded = image(&refunded);
    let workflow = FakeWorkflow::default();
    let event = stream_event(&[
        ItemChange::modified(before.clone(), granted.clone()),
        ItemChange::modified(granted.clone(), looked_at.clone()),
        ItemChange::modified(looked_at.clone(), refunded.clone()),
        ItemChange::modified(before.clone(), before.clone()),
    ]);
    let answer = run(&workflow, event, StreamFailure::Items).await;
    assert_eq!(answer, nothing_failed());
    assert_eq!(names(&workflow), [format!("{}-refund-1", name(1))]);
}

#[tokio::test]
async fn a_recovery_that_cannot_be_started_is_tried_again() {
    let before = image(&an_order().number(1).confirmed());
    let granted = ItemChange::modified(before, image(&cancelled_late()));
    let workflow = FakeWorkflow::default();
    workflow.fail_next(Fault::FailBefore);
    let event = stream_event(&[granted]);
    let answer = run(&workflow, event.clone(), StreamFailure::Items)
        .await
        .unwrap();
    assert_eq!(
        answer["batchItemFailures"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(
        run(&workflow, event, StreamFailure::Items).await,
        nothing_failed()
    );
    assert_eq!(names(&workflow), [format!("{}-refund-1", name(1))]);
}

#[tokio::test]
async fn one_order_that_fails_stops_no_other() {
    let event = stream_event(&[placed(1), placed(2), placed(3)]);
    let saga = FakeWorkflow::default();
    saga.fail_next(Fault::FailBefore);
    let answer = run(&saga, event.clone(), StreamFailure::Items).await;
    let first = json!({"batchItemFailures": [{"itemIdentifier": "1"}]});
    assert_eq!(answer, Ok(first));
    assert_eq!(names(&saga), [name(2), name(3)]);

    let again = run(&saga, event, StreamFailure::Items).await;
    assert_eq!(again, nothing_failed());
    assert_eq!(names(&saga), [name(2), name(3), name(1)]);
}

#[tokio::test]
async fn where_item_failures_do_not_count_the_invocation_fails() {
    let saga = FakeWorkflow::default();
    saga.fail_next(Fault::FailBefore);
    let event = stream_event(&[placed(1), placed(2)]);
    let error = run(&saga, event, StreamFailure::Batch).await.unwrap_err();
    assert_eq!(error.error_type, "Unavailable");
    assert_eq!(names(&saga), [name(2)]);
}

#[tokio::test]
async fn an_execution_that_exists_is_success() {
    let saga = FakeWorkflow::default();
    saga.fail_next(Fault::AppliedButError);
    let event = stream_event(&[placed(1)]);
    let lost = run(&saga, event.clone(), StreamFailure::Items).await;
    let first = json!({"batchItemFailures": [{"itemIdentifier": "1"}]});
    assert_eq!(lost, Ok(first));
    for _ in 0..2 {
        let again = run(&saga, event.clone(), StreamFailure::Items).await;
        assert_eq!(again, nothing_failed());
    }
    assert_eq!(names(&saga), [name(1)]);
}

#[tokio::test]
async fn an_image_that_cannot_be_read_is_parked_and_holds_nothing_up() {
    let mut broken = image(&an_order().number(2).pending());
    broken["status"] = json!({"S": "unheard-of"});
    let event = stream_event(&[placed(1), ItemChange::inserted(broken), placed(3)]);
    let saga = FakeWorkflow::default();
    let answer = run(&saga, event, StreamFailure::Items).await;
    assert_eq!(answer, nothing_failed());
    assert_eq!(names(&saga), [name(1), name(3)]);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    assert_eq!(names, ["SAGA_ARN", "RECOVERY_ARN", "STREAM_FAILURE"]);
    let wrong = Env::from_pairs([("SAGA_ARN", "arn"), ("STREAM_FAILURE", "all")]);
    let malformed = Config::from_env(&wrong).unwrap_err().to_string();
    let said = "environment: STREAM_FAILURE is malformed (items or batch)";
    assert_eq!(malformed, said);
}
