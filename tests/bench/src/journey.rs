//! Orders on their way through all functions, with the events that Lambda would hand to each.
//! Every answer and every write goes where the template would send it.

use contracts::saga::{
    DecisionBody, InventoryStep, OrderSagaInput, OrdersStep, PaymentsStep, ShippingStep, Want,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// One line of one piece: the order that all figures are of.
pub fn body() -> Value {
    json!({
        "lines": [{"product_id": "p-0001", "quantity": 1}],
        "ship_to": {
            "name": "A. Buyer", "lines": ["1 High Street"], "city": "Bristol",
            "postcode": "BS1 1AA", "country": "GB",
        },
        "payment_method": "pm_card_visa",
    })
}

/// A request as API Gateway hands it to a function (payload format 2.0:
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>).
pub fn post_order(token: &str, key: &str, body: &Value) -> Value {
    let path = "/api/v1/orders";
    json!({
        "version": "2.0", "routeKey": "POST /api/v1/orders", "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": "*/*", "authorization": format!("Bearer {token}"),
            "content-type": "application/json", "host": "api.example",
            "idempotency-key": key, "user-agent": "bench",
            "x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793",
            "x-forwarded-for": "127.0.0.1", "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "000000000000", "apiId": "api", "domainName": "api.example",
            "domainPrefix": "api", "requestId": key, "routeKey": "POST /api/v1/orders",
            "stage": "$default", "time": "21/Nov/2026:01:00:00 +0000", "timeEpoch": 1,
            "http": {
                "method": "POST", "path": path, "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1", "userAgent": "bench",
            },
        },
        "body": body.to_string(), "isBase64Encoded": false,
    })
}

/// The commands of the saga for one order, each with the function that takes it, in the order in
/// which the happy path calls them.
pub fn commands(input: &OrderSagaInput) -> Vec<(&'static str, Value)> {
    let order_id = input.order_id;
    let (tenant, traceparent) = (|| input.tenant.clone(), || input.traceparent.clone());
    let decision = DecisionBody::Charging;
    let reserve = InventoryStep::Reserve {
        order_id,
        tenant: tenant(),
        traceparent: traceparent(),
        lines: input.lines.clone(),
    };
    let authorise = PaymentsStep::Authorise {
        order_id,
        tenant: tenant(),
        traceparent: traceparent(),
        amount: input.amount.clone(),
        payment_method: input.payment_method.clone(),
    };
    let create = ShippingStep::Create {
        order_id,
        tenant: tenant(),
        traceparent: traceparent(),
        ship_to: input.ship_to.clone(),
        lines: input.lines.clone(),
    };
    let decide = OrdersStep::Decide {
        order_id,
        epoch: input.epoch,
        want: Want::Charging,
        failure: None,
    };
    let complete = OrdersStep::Complete {
        order_id,
        epoch: input.epoch,
        decision,
    };
    vec![
        ("inventory", json!(reserve)),
        ("payments", json!(authorise)),
        ("shipping", json!(create)),
        ("orders", json!(decide)),
        (
            "payments",
            json!(PaymentsStep::Capture { order_id, decision }),
        ),
        (
            "inventory",
            json!(InventoryStep::Commit { order_id, decision }),
        ),
        ("orders", json!(complete)),
    ]
}

/// A change of an item as its table's stream hands it on
/// (<https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html>).
pub fn stream_event(table: &str, old: Option<&Value>, new: &Value, number: u64) -> Value {
    let name = if old.is_some() { "MODIFY" } else { "INSERT" };
    let change = json!({
        "ApproximateCreationDateTime": 1_795_222_800,
        "Keys": {"pk": new["pk"]},
        "NewImage": new,
        "OldImage": old,
        "SequenceNumber": format!("{number:021}"),
        "SizeBytes": new.to_string().len(),
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    });
    let stream = "stream/2026-11-21T00:00:00.000";
    json!({"Records": [{
        "eventID": format!("{number:032x}"), "eventName": name, "eventVersion": "1.1",
        "eventSource": "aws:dynamodb", "awsRegion": "us-east-1", "dynamodb": change,
        "eventSourceARN": format!("arn:aws:dynamodb:us-east-1:000000000000:table/{table}/{stream}"),
    }]})
}

/// A message of a FIFO queue as Lambda hands it on
/// (<https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>).
pub fn queue_event(body: &str, group: &str, id: Uuid) -> Value {
    json!({"Records": [{
        "messageId": id, "receiptHandle": "handle", "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1", "SentTimestamp": "1795222800000",
            "SequenceNumber": "18849496460467696128", "MessageGroupId": group,
            "SenderId": "sns", "MessageDeduplicationId": id,
            "ApproximateFirstReceiveTimestamp": "1795222800001",
        },
        "messageAttributes": {}, "md5OfBody": "", "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:notify.fifo",
        "awsRegion": "us-east-1",
    }]})
}
