//! What is counted, row by row and summed.

use axum::response::IntoResponse;
use reqwest::Method;
use serde_json::{Value, json};

use crate::front::{Front, Outcome, put, transaction};

#[tokio::test]
async fn a_row_says_who_called_what_and_how_it_went() -> Outcome {
    let front = Front::open().await?;
    let body = put("o-1");
    front.dynamodb("PutItem", &body).await?;
    let row = front.last_call()?;
    assert_eq!(
        [
            row.caller.as_str(),
            &row.service,
            &row.operation,
            &row.resource
        ],
        ["tester", "dynamodb", "PutItem", "Orders"]
    );
    assert_eq!(
        (row.number, row.status, row.error.clone()),
        (1, Some(200), None)
    );
    assert_eq!(
        (row.request_bytes, row.response_bytes),
        (body.to_string().len(), 2)
    );
    assert!(!row.units_reported && !row.answered_here);
    Ok(())
}

#[tokio::test]
async fn units_are_summed_with_those_of_the_indexes() -> Outcome {
    let front = Front::open().await?;
    let written = json!({"ConsumedCapacity": {
        "TableName": "Orders", "CapacityUnits": 4.0, "Table": {"CapacityUnits": 1.0},
        "GlobalSecondaryIndexes": {"open": {"CapacityUnits": 2.0}, "by-day": {"CapacityUnits": 1.0}}
    }});
    let again = json!({"ConsumedCapacity": {
        "TableName": "Orders", "CapacityUnits": 2.0, "WriteCapacityUnits": 2.0,
        "Table": {"CapacityUnits": 1.0}, "GlobalSecondaryIndexes": {"open": {"CapacityUnits": 1.0}}
    }});
    front.far.will_answer(200, &written);
    front.far.will_answer(200, &again);
    front.far.will_answer(200, &json!({}));
    for _ in 0..3 {
        front.dynamodb("PutItem", &put("o-1")).await?;
    }
    let sum = front.only_sum()?;
    assert_eq!((sum.calls, sum.units_reported), (3, 2));
    assert_eq!((sum.units.write_units, sum.units.read_units), (6.0, 0.0));
    assert_eq!(sum.units.table_units, 2.0);
    let indexes: Vec<_> = sum.units.index_units.into_iter().collect();
    assert_eq!(
        indexes,
        [("by-day".to_owned(), 1.0), ("open".to_owned(), 3.0)]
    );
    Ok(())
}

#[tokio::test]
async fn totals_are_of_the_kind_of_the_call_but_for_what_is_said_otherwise() -> Outcome {
    let front = Front::open().await?;
    let cases = [
        ("GetItem", json!({"CapacityUnits": 0.5}), (0.5, 0.0)),
        (
            "Query",
            json!({"CapacityUnits": 3.5, "ReadCapacityUnits": 3.5}),
            (3.5, 0.0),
        ),
        ("UpdateItem", json!({"CapacityUnits": 2.0}), (0.0, 2.0)),
        // A repeated transaction is read, not written.
        (
            "TransactWriteItems",
            json!([{"CapacityUnits": 4.0, "ReadCapacityUnits": 4.0}]),
            (4.0, 0.0),
        ),
        (
            "TransactWriteItems",
            json!([{"WriteCapacityUnits": 4.0, "ReadCapacityUnits": 1.0}]),
            (1.0, 4.0),
        ),
        (
            "TransactWriteItems",
            json!([{"CapacityUnits": 4.0}, {"CapacityUnits": 2.0}]),
            (0.0, 6.0),
        ),
        (
            "BatchGetItem",
            json!([{"CapacityUnits": 1.0}, {"CapacityUnits": 0.5}]),
            (1.5, 0.0),
        ),
    ];
    for (operation, consumed, expected) in cases {
        front
            .far
            .will_answer(200, &json!({"ConsumedCapacity": consumed}));
        front.dynamodb(operation, &json!({})).await?;
        let units = front.last_call()?.units;
        assert_eq!(
            (units.read_units, units.write_units),
            expected,
            "{operation} {consumed}"
        );
    }
    Ok(())
}

/// The emulator reports a transaction so: the part of the indexes is in the total only.
#[tokio::test]
async fn a_transaction_that_leaves_indexes_out_of_its_write_units_is_counted_whole() -> Outcome {
    let front = Front::open().await?;
    let indexes = json!({"open": {"CapacityUnits": 1.0, "WriteCapacityUnits": 1.0}});
    let table = json!({"TableName": "Orders", "CapacityUnits": 3.0, "WriteCapacityUnits": 2.0,
                       "GlobalSecondaryIndexes": indexes});
    front
        .far
        .will_answer(200, &json!({"ConsumedCapacity": [table]}));
    front
        .dynamodb("TransactWriteItems", &transaction(&["o-1"]))
        .await?;
    let row = front.last_call()?;
    assert_eq!((row.units.write_units, row.units.table_units), (3.0, 2.0));
    assert_eq!((row.units.index_units["open"], row.entries), (1.0, 1));
    Ok(())
}

#[tokio::test]
async fn each_failed_condition_takes_a_unit_that_nobody_reports() -> Outcome {
    let front = Front::open().await?;
    let prefix = "com.amazonaws.dynamodb.v20120810#";
    let failed = |name: &str, reasons: Value| json!({"__type": format!("{prefix}{name}"), "CancellationReasons": reasons});
    let reasons = json!([
        {"Code": "ConditionalCheckFailed"}, {"Code": "None"}, {"Code": "ConditionalCheckFailed"}
    ]);
    let conflict = json!([{"Code": "TransactionConflict"}]);
    let cases = [
        (failed("ConditionalCheckFailedException", json!([])), 1.0),
        (failed("TransactionCanceledException", reasons), 2.0),
        (failed("TransactionCanceledException", conflict), 0.0),
        (failed("ValidationException", json!([])), 0.0),
    ];
    for (answer, units) in cases {
        front.far.will_answer(400, &answer);
        front.dynamodb("PutItem", &put("o-1")).await?;
        assert_eq!(front.last_call()?.units.write_units, units, "{answer}");
    }
    let sum = front.only_sum()?;
    assert_eq!((sum.failed, sum.units.write_units), (4, 3.0));
    assert_eq!(sum.errors["TransactionCanceledException"], 2);
    Ok(())
}

#[tokio::test]
async fn errors_are_read_in_each_protocol() -> Outcome {
    let front = Front::open().await?;
    let bad = reqwest::StatusCode::BAD_REQUEST;
    let xml = "<ErrorResponse><Error><Code>NotFound</Code></Error></ErrorResponse>";
    let header = [("x-amzn-errortype", "MessageRejected:http://internal/")];
    let answers = [
        (bad, xml).into_response(),
        (bad, header, r#"{"message":"no"}"#).into_response(),
        (bad, r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist"}"#).into_response(),
        (bad, r#"{"code":"Plain"}"#).into_response(),
        (bad, "not one").into_response(),
    ];
    let count = answers.len();
    for answer in answers {
        front.far.will_send(answer);
        front.call("AmazonSQS.SendMessage", &json!({})).await?;
    }
    let rows = front.proxy.calls().calls;
    let errors: Vec<_> = rows.iter().map(|row| row.error.as_deref()).collect();
    let expected = ["NotFound", "MessageRejected", "QueueDoesNotExist", "Plain"].map(Some);
    assert_eq!(errors[..4], expected);
    assert_eq!((errors[4], count), (None, 5));
    Ok(())
}

#[tokio::test]
async fn started_executions_are_kept_in_their_rows() -> Outcome {
    let front = Front::open().await?;
    let arn = "arn:aws:states:eu-west-1:000000000000:execution:t-saga:o-1";
    front
        .far
        .will_answer(200, &json!({"executionArn": arn, "startDate": 1.0}));
    let machine = "arn:aws:states:eu-west-1:000000000000:stateMachine:t-saga";
    let body = json!({"stateMachineArn": machine, "name": "o-1"});
    front.call("AWSStepFunctions.StartExecution", &body).await?;
    let started = front.last_call()?.execution.unwrap();
    assert_eq!((started.arn.as_str(), started.name.as_str()), (arn, "o-1"));
    assert_eq!(started.machine, "t-saga");
    Ok(())
}

#[tokio::test]
async fn control_shows_rows_and_sums_and_forgets_both() -> Outcome {
    let front = Front::open().await?;
    for operation in ["PutItem", "GetItem", "PutItem"] {
        front.dynamodb(operation, &put("o-1")).await?;
    }
    let shown = front.control(Method::GET, "/calls", None).await?.json();
    assert_eq!(shown["dropped"], 0);
    let numbers: Vec<_> = shown["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["number"])
        .collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(shown["calls"][0]["write_units"], 0.0);
    let sums = front.control(Method::GET, "/trace", None).await?.json();
    let lines: Vec<_> = sums
        .as_array()
        .unwrap()
        .iter()
        .map(|sum| {
            (
                sum["operation"].as_str().unwrap(),
                sum["calls"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(lines, [("GetItem", 1), ("PutItem", 2)], "sorted");
    assert_eq!(
        front.control(Method::DELETE, "/trace", None).await?.status,
        204
    );
    assert!(front.proxy.calls().calls.is_empty() && front.proxy.trace().is_empty());
    Ok(())
}
