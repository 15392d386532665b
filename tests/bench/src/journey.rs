//! Orders on their way through all functions, with the events that Lambda would hand to each.
//! Every answer and every write goes where the template would send it.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use contracts::saga::{
    DecisionBody, InventoryStep, OrderSagaInput, OrdersStep, PaymentsStep, ShippingStep, Want,
};
use domain::ports::{StockShelves, WriteCatalogue};
use domain::{
    Currency, Money, Product, ProductDetails, ProductId, SaleStatus, Sku, StockLine, TenantId,
};
use dynamo_store::{CatalogTable, InventoryTable};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::BenchError;
use crate::place::Surroundings;

/// Pieces on the shelf: never too few.
const PIECES: u32 = 1_000_000;

/// Puts the one product into the catalogue and on the shelf.
///
/// # Errors
/// When the backend refuses it.
pub async fn prepare(around: &Surroundings) -> Result<(), BenchError> {
    let unexpected = |error: &dyn std::fmt::Display| BenchError::Unexpected(error.to_string());
    let sku = Sku::parse("SKU-0001").map_err(|error| unexpected(&error))?;
    let currency = Currency::parse("EUR").map_err(|error| unexpected(&error))?;
    let details = ProductDetails {
        sku: sku.clone(),
        name: "Tea".to_owned(),
        description: String::new(),
        price: Money::new(1_200, currency).map_err(|error| unexpected(&error))?,
        status: SaleStatus::Active,
    };
    let id = ProductId::parse("p-0001").map_err(|error| unexpected(&error))?;
    let tenant = TenantId::parse("main").map_err(|error| unexpected(&error))?;
    let product = Product::create(id, tenant, details, Timestamp::UNIX_EPOCH);
    let aws = aws(around);
    CatalogTable::connect(&aws, "Catalog").put(&product).await?;
    let line = StockLine {
        sku,
        quantity: PIECES,
    };
    InventoryTable::connect(&aws, "Inventory")
        .restock(&line, Timestamp::UNIX_EPOCH)
        .await?;
    Ok(())
}

/// A client's settings for what is around.
pub fn aws(around: &Surroundings) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(&around.backend.url)
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "id", "secret", None, None, "bench",
        )))
        .build()
}

/// One line of one piece: the order that all figures are of.
pub fn body() -> Value {
    json!({
        "lines": [{"product_id": "p-0001", "quantity": 1}],
        "ship_to": {
            "name": "A. Buyer", "street": "1 High Street", "city": "Bristol",
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
