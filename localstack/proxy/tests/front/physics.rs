//! What emulators do not do: conflicts of transactions, items that are written too often, latency.

use std::time::Duration;

use aws_proxy::{Interference, Physics};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::front::{Attempt, Front, LIMIT, Outcome, Reply, key, put, transaction};

const TRANSACT: &str = "DynamoDB_20120810.TransactWriteItems";
const PUT: &str = "DynamoDB_20120810.PutItem";

async fn with_conflicts() -> Attempt<Front> {
    let front = Front::open().await?;
    front.proxy.set_physics(Physics {
        transaction_conflicts: true,
        ..Physics::default()
    })?;
    Ok(front)
}

async fn with_rate(rate: f64) -> Attempt<Front> {
    let front = Front::open().await?;
    front.proxy.set_physics(Physics {
        item_write_units_per_second: Some(rate),
        ..Physics::default()
    })?;
    Ok(front)
}

fn reasons(reply: &Reply) -> Vec<String> {
    let body = reply.json();
    let reasons = body.get("CancellationReasons").and_then(Value::as_array);
    let code = |reason: &Value| text(reason, "Code");
    reasons.into_iter().flatten().map(code).collect()
}

fn error(reply: &Reply) -> String {
    text(&reply.json(), "__type").replace("com.amazonaws.dynamodb.v20120810#", "")
}

fn text(value: &Value, field: &str) -> String {
    let text = value.get(field).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

#[tokio::test]
async fn of_two_overlapping_transactions_one_is_passed_on() -> Outcome {
    let front = with_conflicts().await?;
    front.far.hold();
    let first = front.begin(TRANSACT, &transaction(&["a", "b"]));
    front.far.arrivals(1).await?;
    let second = front.call(TRANSACT, &transaction(&["c", "b"])).await?;
    assert_eq!(
        (second.status, error(&second)),
        (400, "TransactionCanceledException".to_owned())
    );
    assert_eq!(reasons(&second), ["None", "TransactionConflict"]);
    assert_eq!(front.far.seen().len(), 1);
    let row = front.last_call()?;
    assert_eq!(row.interference, Some(Interference::TransactionConflict));
    assert!(row.answered_here);
    front.far.let_go();
    assert_eq!(first.await??.status, 200);
    let third = front.call(TRANSACT, &transaction(&["c", "b"])).await?;
    assert_eq!(
        third.status, 200,
        "nothing is held after the answer, nor by a refused one"
    );
    Ok(())
}

#[tokio::test]
async fn transactions_without_a_common_item_do_not_meet() -> Outcome {
    let front = with_conflicts().await?;
    front.far.hold();
    let first = front.begin(TRANSACT, &transaction(&["a", "b"]));
    let second = front.begin(TRANSACT, &transaction(&["c"]));
    front.far.arrivals(2).await?;
    front.far.let_go();
    assert_eq!((first.await??.status, second.await??.status), (200, 200));
    Ok(())
}

#[tokio::test]
async fn a_single_write_of_a_held_item_meets_a_conflict_and_a_read_does_not() -> Outcome {
    let front = with_conflicts().await?;
    front.far.hold();
    let first = front.begin(TRANSACT, &transaction(&["a"]));
    front.far.arrivals(1).await?;
    let update = json!({"TableName": "Orders", "Key": key("a")});
    for (operation, body) in [
        ("PutItem", put("a")),
        ("UpdateItem", update.clone()),
        ("DeleteItem", update.clone()),
    ] {
        let refused = front.dynamodb(operation, &body).await?;
        assert_eq!(
            error(&refused),
            "TransactionConflictException",
            "{operation}"
        );
        assert_eq!(refused.status, 400);
    }
    let read = front.begin("DynamoDB_20120810.GetItem", &update);
    let other = front.begin(PUT, &put("b"));
    let elsewhere = json!({"TableName": "Payments", "Key": key("a")});
    let table = front.begin("DynamoDB_20120810.UpdateItem", &elsewhere);
    front.far.arrivals(4).await?;
    front.far.let_go();
    for call in [first, read, other, table] {
        assert_eq!(call.await??.status, 200);
    }
    Ok(())
}

#[tokio::test]
async fn a_single_write_in_flight_cancels_a_transaction_but_no_other_write() -> Outcome {
    let front = with_conflicts().await?;
    front.far.hold();
    let one = front.begin(PUT, &put("a"));
    let two = front.begin(PUT, &put("a"));
    front.far.arrivals(2).await?;
    let refused = front.call(TRANSACT, &transaction(&["a"])).await?;
    assert_eq!(reasons(&refused), ["TransactionConflict"]);
    front.far.let_go();
    assert_eq!((one.await??.status, two.await??.status), (200, 200));
    assert_eq!(
        front.call(TRANSACT, &transaction(&["a"])).await?.status,
        200
    );
    Ok(())
}

#[tokio::test]
async fn every_action_of_a_transaction_holds_its_item_by_the_key_attributes() -> Outcome {
    let front = with_conflicts().await?;
    front.far.hold();
    let sorted = json!({"pk": {"S": "d"}, "sk": {"S": "1"}});
    let items = json!([
        {"Put": put("a")},
        {"Delete": {"TableName": "Orders", "Key": key("b")}},
        {"ConditionCheck": {"TableName": "Orders", "Key": key("c")}},
        {"Update": {"TableName": "Orders", "Key": sorted}}
    ]);
    let first = front.begin(TRANSACT, &json!({"TransactItems": items}));
    front.far.arrivals(1).await?;
    let refused = front
        .call(TRANSACT, &transaction(&["a", "b", "c", "d"]))
        .await?;
    let conflict = "TransactionConflict";
    assert_eq!(
        reasons(&refused),
        [conflict, conflict, conflict, "None"],
        "d has a sort key"
    );
    front.far.let_go();
    first.await??;
    Ok(())
}

#[tokio::test]
async fn an_item_that_took_too_many_units_refuses_writes_until_time_has_passed() -> Outcome {
    let front = with_rate(10.0).await?;
    let consumed = json!({"ConsumedCapacity": {
        "TableName": "Orders", "CapacityUnits": 30.0, "Table": {"CapacityUnits": 12.0},
        "GlobalSecondaryIndexes": {"open": {"CapacityUnits": 18.0}}
    }});
    front.far.will_answer(200, &consumed);
    assert_eq!(front.dynamodb("PutItem", &put("a")).await?.status, 200);
    let refused = front.dynamodb("PutItem", &put("a")).await?;
    assert_eq!(
        (refused.status, error(&refused)),
        (400, "ProvisionedThroughputExceededException".to_owned())
    );
    assert_eq!(
        front.last_call()?.interference,
        Some(Interference::ItemThrottle)
    );
    assert_eq!(front.dynamodb("PutItem", &put("b")).await?.status, 200);
    let cancelled = front.call(TRANSACT, &transaction(&["b", "a"])).await?;
    assert_eq!(reasons(&cancelled), ["None", "ThrottlingError"]);
    // Of the 12 units of the table itself 2 are owed; those of the index count elsewhere.
    front.hand.advance(Duration::from_millis(199));
    assert_eq!(front.dynamodb("PutItem", &put("a")).await?.status, 400);
    front.hand.advance(Duration::from_millis(1));
    assert_eq!(front.dynamodb("PutItem", &put("a")).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_write_without_a_report_takes_one_unit_and_a_failed_one_none() -> Outcome {
    let front = with_rate(2.0).await?;
    for _ in 0..3 {
        front
            .far
            .will_answer(400, &json!({"__type": "x#ConditionalCheckFailedException"}));
        front.dynamodb("PutItem", &put("a")).await?;
    }
    let mut passed = Vec::new();
    for _ in 0..4 {
        passed.push(front.dynamodb("PutItem", &put("a")).await?.status);
    }
    assert_eq!(passed, [200, 200, 200, 400], "one may overdraw");
    Ok(())
}

#[tokio::test]
async fn the_items_of_a_transaction_share_the_units_of_their_table() -> Outcome {
    let front = with_rate(10.0).await?;
    let consumed =
        json!([{"TableName": "Orders", "CapacityUnits": 22.0, "WriteCapacityUnits": 22.0}]);
    front
        .far
        .will_answer(200, &json!({"ConsumedCapacity": consumed}));
    front.call(TRANSACT, &transaction(&["a", "b"])).await?;
    let refused = front.call(TRANSACT, &transaction(&["a", "b"])).await?;
    assert_eq!(reasons(&refused), ["ThrottlingError", "ThrottlingError"]);
    front.hand.advance(Duration::from_millis(100));
    assert_eq!(
        front
            .call(TRANSACT, &transaction(&["a", "b"]))
            .await?
            .status,
        200
    );
    Ok(())
}

#[tokio::test]
async fn latency_is_waited_for_before_a_call_is_passed_on() -> Outcome {
    let front = Front::open().await?;
    let physics = json!({"latency_ms": 50, "service_latency_ms": {"dynamodb": 10, "sns": 0}});
    front
        .control(Method::PUT, "/physics", Some(&physics))
        .await?;
    for (target, ms) in [(PUT, 10.0), ("AmazonSQS.SendMessage", 50.0)] {
        let late = front.begin(target, &put("a"));
        for _ in 0..3 {
            front.call("AmazonSNS.Publish", &json!({})).await?;
            assert_eq!(front.last_call()?.took_ms, 0.0);
        }
        assert!(!late.is_finished(), "{target}");
        front
            .pass_time_until(&late, Duration::from_millis(10))
            .await?;
        assert_eq!(late.await??.status, 200);
        assert!(front.last_call()?.took_ms >= ms, "{target}");
    }
    Ok(())
}

#[tokio::test]
async fn a_transaction_holds_its_items_while_it_waits_too() -> Outcome {
    let front = Front::open().await?;
    front.proxy.set_physics(Physics {
        transaction_conflicts: true,
        latency_ms: 10,
        ..Physics::default()
    })?;
    let (one, two) = (
        front.begin(TRANSACT, &transaction(&["a"])),
        front.begin(TRANSACT, &transaction(&["a"])),
    );
    let refused = async {
        while !one.is_finished() && !two.is_finished() {
            tokio::task::yield_now().await;
        }
    };
    timeout(LIMIT, refused).await?;
    assert!(front.far.seen().is_empty());
    let (refused, passed) = match one.is_finished() {
        true => (one, two),
        false => (two, one),
    };
    assert_eq!(reasons(&refused.await??), ["TransactionConflict"]);
    front
        .pass_time_until(&passed, Duration::from_millis(10))
        .await?;
    assert_eq!(passed.await??.status, 200);
    Ok(())
}

#[tokio::test]
async fn physics_are_shown_replaced_and_refused_with_a_reason() -> Outcome {
    let front = Front::open().await?;
    let none = json!({"transaction_conflicts": false, "item_write_units_per_second": null,
                      "latency_ms": 0, "service_latency_ms": {}});
    assert_eq!(
        front.control(Method::GET, "/physics", None).await?.json(),
        none
    );
    let all = json!({"transaction_conflicts": true, "item_write_units_per_second": 1000.0,
                     "latency_ms": 10, "service_latency_ms": {"dynamodb": 5}});
    assert_eq!(
        front
            .control(Method::PUT, "/physics", Some(&all))
            .await?
            .status,
        200
    );
    for (bad, text) in [
        (json!({"latency": 1}), "unknown field `latency`"),
        (json!({"latency_ms": "1"}), "latency_ms: invalid type"),
        (
            json!({"item_write_units_per_second": 0}),
            "must be more than 0",
        ),
        (
            json!({"service_latency_ms": {"sns": 86_400_001_u64}}),
            "longer than a day",
        ),
    ] {
        let refused = front.control(Method::PUT, "/physics", Some(&bad)).await?;
        assert_eq!(refused.status, 400, "{bad}");
        assert!(refused.text.contains(text), "{}", refused.text);
    }
    assert_eq!(
        front.control(Method::GET, "/physics", None).await?.json(),
        all
    );
    front
        .control(Method::PUT, "/physics", Some(&json!({})))
        .await?;
    assert_eq!(
        front.control(Method::GET, "/physics", None).await?.json(),
        none
    );
    Ok(())
}
