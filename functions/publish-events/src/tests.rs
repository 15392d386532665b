//! Images as the streams carry them, through the runner, against a topic in memory.

use domain::{FailureCode, Lease, Order, Payment, Shipment};
use dynamo_store::Stored;
use lambda_boot::{Diagnostic, stream};
use serde_json::{Value, json};
use testkit::build::{a_lease, a_payment, a_shipment, an_order, order_id};
use testkit::fakes::FakeTopic;
use testkit::stream::{ItemChange, stream_event};

use super::*;

fn image<A: Stored>(aggregate: &A) -> Value {
    serde_json::to_value(aggregate.encode().unwrap()).unwrap()
}

fn inserted<A: Stored>(aggregate: &A) -> ItemChange {
    ItemChange::inserted(image(aggregate))
}

fn modified<A: Stored>(old: &A, new: &A) -> ItemChange {
    ItemChange::modified(image(old), image(new))
}

fn placed(number: u64) -> ItemChange {
    inserted(&an_order().number(number).pending())
}

fn stock(available: u32, sequence: u32) -> Value {
    json!({
        "pk": {"S": "STOCK#sku-tea"},
        "entity": {"S": "stock"},
        "available": {"N": available.to_string()},
        "version": {"N": sequence.to_string()},
        "changed_at": {"N": "1784548800000000000"},
    })
}

async fn run(topic: &FakeTopic, changes: &[ItemChange]) -> Result<Value, Diagnostic> {
    let event = stream_event(changes);
    let handler = async |records| handle(topic, records).await;
    stream::answer(handler, event, StreamFailure::Items).await
}

fn nothing_failed() -> Result<Value, Diagnostic> {
    Ok(json!({"batchItemFailures": []}))
}

fn failed_at(number: &str) -> Result<Value, Diagnostic> {
    Ok(json!({"batchItemFailures": [{"itemIdentifier": number}]}))
}

fn event_id(kind: &str, number: u64, sequence: u32) -> String {
    format!("{kind}/{}/{sequence}", order_id(number))
}

async fn types_of(change: ItemChange) -> Vec<String> {
    let topic = FakeTopic::default();
    assert_eq!(run(&topic, &[change]).await, nothing_failed());
    let short = |event: Envelope| {
        let name = event.event_type.strip_prefix("cartwright.").unwrap();
        name.strip_suffix(".v1").unwrap().to_owned()
    };
    topic.published().into_iter().map(short).collect()
}

#[tokio::test]
async fn each_kind_of_aggregate_has_its_events_published() {
    assert_eq!(types_of(placed(1)).await, ["order.placed"]);
    let (held, sold): (Lease, Lease) = (a_lease().held(), a_lease().sold());
    assert_eq!(types_of(inserted(&held)).await, ["lease.reserved"]);
    assert_eq!(types_of(modified(&held, &sold)).await, ["lease.sold"]);
    let (sent, answered): (Payment, Payment) =
        (a_payment().authorising(), a_payment().authorised());
    assert!(types_of(inserted(&sent)).await.is_empty());
    assert_eq!(
        types_of(modified(&sent, &answered)).await,
        ["payment.authorised"]
    );
    let shipment: Shipment = a_shipment().created();
    assert_eq!(types_of(inserted(&shipment)).await, ["shipment.created"]);
    let change = ItemChange::modified(stock(5, 1), stock(3, 2));
    assert_eq!(types_of(change).await, ["stock.changed"]);
}

#[tokio::test]
async fn only_what_the_old_image_lacks_is_published_oldest_first() {
    let (pending, failed): (Order, Order) = (
        an_order().pending(),
        an_order().failed(FailureCode::OutOfStock),
    );
    let types = types_of(modified(&pending, &failed)).await;
    assert_eq!(types, ["order.failed"]);
}

#[tokio::test]
async fn a_change_without_events_publishes_nothing() {
    let charging = an_order().charging();
    let mut looked_at = charging.clone();
    looked_at.next_look = Some(testkit::build::at(60));
    assert!(types_of(modified(&charging, &looked_at)).await.is_empty());
    let product = json!({"pk": {"S": "PRODUCT#tea"}, "entity": {"S": "product"}});
    assert!(types_of(ItemChange::inserted(product)).await.is_empty());
}

#[tokio::test]
async fn a_removal_publishes_nothing() {
    let removed = ItemChange::removed(image(&an_order().confirmed()));
    assert!(types_of(removed).await.is_empty());
}

#[tokio::test]
async fn events_of_a_batch_keep_their_order() {
    let (pending, flagged) = (an_order().pending(), an_order().flagged());
    let topic = FakeTopic::default();
    let changes = [
        inserted(&pending),
        placed(2),
        modified(&pending, &flagged),
        modified(&flagged, &an_order().confirmed_late()),
    ];
    assert_eq!(run(&topic, &changes).await, nothing_failed());
    let expected = [
        event_id("order", 1, 1),
        event_id("order", 2, 1),
        event_id("order", 1, 2),
        event_id("order", 1, 3),
    ];
    assert_eq!(topic.ids(), expected);
}

#[tokio::test]
async fn a_batch_that_comes_again_publishes_the_same_ids() {
    let topic = FakeTopic::default();
    for _ in 0..2 {
        assert_eq!(run(&topic, &[placed(1)]).await, nothing_failed());
    }
    let ids = topic.ids();
    assert_eq!(ids, [event_id("order", 1, 1), event_id("order", 1, 1)]);
}

#[tokio::test]
async fn the_lowest_record_that_was_not_published_is_told() {
    let throttled = || PublishOutcome::Failed(Cause("throttled".to_owned()));
    let topic = FakeTopic::default()
        .with_trouble(&event_id("order", 3, 1), throttled())
        .with_trouble(&event_id("order", 2, 1), throttled());
    let changes = [placed(1), placed(2), placed(3), placed(4)];
    assert_eq!(run(&topic, &changes).await, failed_at("2"));
    let published = [event_id("order", 1, 1), event_id("order", 4, 1)];
    assert_eq!(topic.ids(), published);
}

#[tokio::test]
async fn what_follows_an_event_that_failed_is_sent_again_with_it() {
    let throttled = PublishOutcome::Failed(Cause("throttled".to_owned()));
    let topic = FakeTopic::default().with_trouble(&event_id("order", 1, 1), throttled);
    let (pending, flagged) = (an_order().pending(), an_order().flagged());
    let changes = [placed(2), inserted(&pending), modified(&pending, &flagged)];
    assert_eq!(run(&topic, &changes).await, failed_at("2"));
    assert_eq!(topic.ids(), [event_id("order", 2, 1)]);
}

#[tokio::test]
async fn a_held_event_without_the_one_before_it_is_sent_again() {
    let topic = FakeTopic::default().with_trouble(&event_id("order", 1, 1), PublishOutcome::Held);
    assert_eq!(run(&topic, &[placed(1)]).await, failed_at("1"));
}

#[tokio::test]
async fn what_can_never_be_published_waits_in_its_item_and_what_follows_it_too() {
    for never in [
        PublishOutcome::TooLarge(300_000),
        PublishOutcome::Refused(Cause("invalid".to_owned())),
    ] {
        let topic = FakeTopic::default().with_trouble(&event_id("order", 1, 1), never);
        let (pending, flagged) = (an_order().pending(), an_order().flagged());
        let changes = [
            inserted(&pending),
            placed(2),
            modified(&pending, &flagged),
            inserted(&a_payment().authorised()),
        ];
        assert_eq!(run(&topic, &changes).await, nothing_failed());
        let published = [event_id("order", 2, 1), event_id("payment", 1, 1)];
        assert_eq!(topic.ids(), published);
    }
}

#[tokio::test]
async fn an_image_that_cannot_be_read_stops_no_other() {
    let mut broken = image(&an_order().number(2).pending());
    broken["status"] = json!({"S": "unheard-of"});
    let nonsense = json!({"pk": {"S": 7}});
    let topic = FakeTopic::default();
    let changes = [
        placed(1),
        ItemChange::inserted(broken),
        ItemChange::inserted(nonsense),
        placed(3),
    ];
    assert_eq!(run(&topic, &changes).await, nothing_failed());
    let published = [event_id("order", 1, 1), event_id("order", 3, 1)];
    assert_eq!(topic.ids(), published);
}

#[tokio::test]
async fn a_topic_that_is_down_has_the_whole_batch_sent_again() {
    let topic = FakeTopic::default();
    topic.set_down(true);
    let changes = [placed(1), placed(2)];
    assert_eq!(run(&topic, &changes).await, failed_at("1"));
    let event = stream_event(&changes);
    let handler = async |records| handle(&topic, records).await;
    let error = stream::answer(handler, event, StreamFailure::Batch).await;
    assert_eq!(error.unwrap_err().error_type, "Unavailable");
}

#[tokio::test]
async fn an_event_is_published_as_a_cloud_event() {
    let topic = FakeTopic::default();
    let order = an_order().with_contact("ada@example.org").pending();
    assert_eq!(run(&topic, &[inserted(&order)]).await, nothing_failed());
    let event = &topic.published()[0];
    insta::assert_snapshot!(serde_json::to_string_pretty(event).unwrap(), @r#"
    {
      "specversion": "1.0",
      "id": "order/00000000-0000-8000-8000-000000000001/1",
      "source": "/cartwright",
      "type": "cartwright.order.placed.v1",
      "subject": "00000000-0000-8000-8000-000000000001",
      "time": "2026-07-20T12:00:00Z",
      "datacontenttype": "application/json",
      "sequence": 1,
      "tenant": "main",
      "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "data": {
        "order_id": "00000000-0000-8000-8000-000000000001",
        "customer_id": "alice",
        "lines": [
          {
            "product_id": "tea",
            "sku": "sku-tea",
            "quantity": 1,
            "unit_price_minor": 1200
          }
        ],
        "subtotal_minor": 1200,
        "shipping_minor": 0,
        "tax_minor": 0,
        "total": {
          "minor": 1200,
          "currency": "EUR"
        },
        "contact": {
          "email": "ada@example.org"
        }
      }
    }
    "#);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    assert_eq!(names, ["EVENTS_TOPIC_ARN", "STREAM_FAILURE"]);
}
