//! The tables as they are, read whole: no function may scan, the tests do.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::ports::Load;
use domain::{
    Aggregate, CustomerId, Lease, Order, OrderCommand, OrderId, Payment, Shipment, TenantId,
};
use dynamo_store::key::Key;
use dynamo_store::{
    AccountsTable, AuditTable, CatalogTable, Image, InventoryTable, OperationsTable, OrdersTable,
    PaymentsTable, RealtimeTable, ShippingTable, Stored,
};
use serde_json::{Value, json};
use testkit::{must, must_have};

use super::stack::Stack;

/// All tables.
#[derive(Clone, Debug)]
pub struct Tables {
    /// For what no port offers.
    pub client: Client,
    /// Orders.
    pub orders: OrdersTable,
    /// Stock and leases.
    pub inventory: InventoryTable,
    /// Payments.
    pub payments: PaymentsTable,
    /// Shipments.
    pub shipping: ShippingTable,
    /// Products.
    pub catalog: CatalogTable,
    /// Contacts, inboxes, deliveries.
    pub realtime: RealtimeTable,
    /// Accounts and groups.
    pub accounts: AccountsTable,
    /// The audit log.
    pub audit: AuditTable,
    /// Limits.
    pub operations: OperationsTable,
    names: HashMap<&'static str, String>,
}

impl Tables {
    /// The tables of an instance.
    pub fn new(stack: &Stack) -> Self {
        let names = ["ORDERS", "INVENTORY", "PAYMENTS", "SHIPPING", "REALTIME"]
            .map(|name| (name, stack.get(&format!("{name}_TABLE")).to_owned()));
        let of = |name: &str| stack.get(name);
        Self {
            client: Client::new(&stack.aws),
            orders: OrdersTable::connect(&stack.aws, of("ORDERS_TABLE")),
            inventory: InventoryTable::connect(&stack.aws, of("INVENTORY_TABLE")),
            payments: PaymentsTable::connect(&stack.aws, of("PAYMENTS_TABLE")),
            shipping: ShippingTable::connect(&stack.aws, of("SHIPPING_TABLE")),
            catalog: CatalogTable::connect(&stack.aws, of("CATALOG_TABLE")),
            realtime: RealtimeTable::connect(&stack.aws, of("REALTIME_TABLE")),
            accounts: AccountsTable::connect(&stack.aws, of("ACCOUNTS_TABLE")),
            audit: AuditTable::connect(&stack.aws, of("AUDIT_TABLE")),
            operations: OperationsTable::connect(&stack.aws, of("OPERATIONS_TABLE")),
            names: names.into(),
        }
    }

    /// Every order.
    pub async fn all_orders(&self) -> Vec<Order> {
        self.all("ORDERS", "ORDER#").await
    }

    /// Every lease.
    pub async fn all_leases(&self) -> Vec<Lease> {
        self.all("INVENTORY", "LEASE#").await
    }

    /// Every payment.
    pub async fn all_payments(&self) -> Vec<Payment> {
        self.all("PAYMENTS", "PAYMENT#").await
    }

    /// Every shipment.
    pub async fn all_shipments(&self) -> Vec<Shipment> {
        self.all("SHIPPING", "SHIPMENT#").await
    }

    /// The order's item as its stream shows it: an insert with everything that happened since.
    pub async fn stream_record_of(&self, order: OrderId) -> Value {
        let found = self
            .client
            .get_item()
            .table_name(&self.names["ORDERS"])
            .key("pk", AttributeValue::S(Key::Order(order).pk()))
            .send()
            .await;
        let image = Image::from(must_have(must(found).item));
        let image = must(serde_json::to_value(image));
        json!({"Records": [{
            "eventID": "1",
            "eventName": "INSERT",
            "eventSource": "aws:dynamodb",
            "eventVersion": "1.1",
            "awsRegion": "us-east-1",
            "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/1",
            "dynamodb": {
                "ApproximateCreationDateTime": 1.0,
                "Keys": {"pk": image["pk"]},
                "NewImage": image,
                "SequenceNumber": "1",
                "SizeBytes": 1,
                "StreamViewType": "NEW_AND_OLD_IMAGES",
            },
        }]})
    }

    /// The order as its stream would show it if its customer cancelled it now. Nobody does.
    pub async fn stream_record_of_refund(&self, order: OrderId) -> Value {
        let mut record = self.stream_record_of(order).await;
        let mut cancelled: Order = must_have(must(self.orders.load(&order).await));
        let at = cancelled.facts.placed_at;
        must(cancelled.execute(&OrderCommand::RequestCancel, at));
        let image = must(serde_json::to_value(must(cancelled.encode())));
        let before = record["Records"][0]["dynamodb"]["NewImage"].take();
        record["Records"][0]["eventName"] = json!("MODIFY");
        record["Records"][0]["dynamodb"]["OldImage"] = before;
        record["Records"][0]["dynamodb"]["NewImage"] = image;
        record
    }

    /// Removes one from the list of a reader of the first shop, as DynamoDB does after its time.
    pub async fn remove_notification(&self, reader: &str, number: u64) {
        let tenant = must(TenantId::parse("main"));
        let reader = must(CustomerId::parse(reader));
        let key = Key::Notification(tenant, reader, number);
        let removed = self
            .client
            .delete_item()
            .table_name(&self.names["REALTIME"])
            .key("pk", AttributeValue::S(key.pk()))
            .send()
            .await;
        must(removed);
    }

    /// Makes a word of the number of tries of a mail, so that nobody can read it.
    pub async fn spoil_tries(&self, message: &str) {
        let spoiled = self
            .client
            .update_item()
            .table_name(&self.names["REALTIME"])
            .key("pk", AttributeValue::S(Key::Mail(message.to_owned()).pk()))
            .update_expression("SET tries = :word")
            .expression_attribute_values(":word", AttributeValue::S("often".to_owned()))
            .send()
            .await;
        must(spoiled);
    }

    /// Every item of every table, as a text.
    pub async fn every_item(&self, stack: &Stack) -> Vec<String> {
        let texts = self.texts(stack).await.into_iter();
        texts.flat_map(|(_, items)| items).collect()
    }

    /// The same by the name of the table in the environment.
    pub async fn texts(&self, stack: &Stack) -> Vec<(String, Vec<String>)> {
        let mut texts = Vec::new();
        for (name, table) in stack.environment() {
            if name.ends_with("_TABLE") {
                let items = self.items(table).await.into_iter();
                let text = |item| must(serde_json::to_string(&Image::from(item)));
                texts.push((name.clone(), items.map(text).collect()));
            }
        }
        texts
    }

    async fn items(&self, table: &str) -> Vec<HashMap<String, AttributeValue>> {
        let pages = self
            .client
            .scan()
            .table_name(table)
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        must(pages.try_collect().await)
    }

    async fn all<A: Stored>(&self, table: &str, prefix: &str) -> Vec<A> {
        let items = self.items(&self.names[table]).await;
        let ours = |item: &HashMap<String, AttributeValue>| {
            let pk = item.get("pk").and_then(|pk| pk.as_s().ok());
            pk.is_some_and(|pk| pk.starts_with(prefix))
        };
        let decoded = |item| must(A::decode(Image::from(item)));
        items.into_iter().filter(ours).map(decoded).collect()
    }
}
