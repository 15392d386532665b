//! The tables as they are, beside the ports: no function may scan, the tests do.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
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

/// Of one request (`BatchGetItem`).
const MOST_KEYS: usize = 100;

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

    /// The orders of all customers whose names begin so.
    pub async fn orders_of(&self, customers: &str) -> Vec<Order> {
        let whose = AttributeValue::S(format!("#{customers}"));
        let pages = self
            .client
            .scan()
            .table_name(&self.names["ORDERS"])
            .consistent_read(true)
            .filter_expression("begins_with(pk, :orders) AND contains(customer_key, :whose)")
            .expression_attribute_values(":orders", AttributeValue::S("ORDER#".to_owned()))
            .expression_attribute_values(":whose", whose)
            .into_paginator()
            .items()
            .send();
        let items = must(pages.try_collect().await);
        items.into_iter().map(decoded).collect()
    }

    /// These orders.
    pub async fn some_orders(&self, orders: &BTreeSet<OrderId>) -> Vec<Order> {
        self.some("ORDERS", orders, Key::Order).await
    }

    /// The leases of these orders.
    pub async fn leases(&self, orders: &BTreeSet<OrderId>) -> Vec<Lease> {
        self.some("INVENTORY", orders, Key::Lease).await
    }

    /// Their payments.
    pub async fn payments(&self, orders: &BTreeSet<OrderId>) -> Vec<Payment> {
        self.some("PAYMENTS", orders, Key::Payment).await
    }

    /// Their shipments.
    pub async fn shipments(&self, orders: &BTreeSet<OrderId>) -> Vec<Shipment> {
        self.some("SHIPPING", orders, Key::Shipment).await
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

    /// Those that there are.
    async fn some<A: Stored>(
        &self,
        table: &str,
        orders: &BTreeSet<OrderId>,
        key: fn(OrderId) -> Key,
    ) -> Vec<A> {
        let table = &self.names[table];
        let key = |order: &OrderId| {
            let pk = AttributeValue::S(key(*order).pk());
            HashMap::from([("pk".to_owned(), pk)])
        };
        let mut wanted: Vec<_> = orders.iter().map(key).collect();
        let mut found = Vec::new();
        while !wanted.is_empty() {
            let rest = wanted.split_off(wanted.len().min(MOST_KEYS));
            let keys = KeysAndAttributes::builder().consistent_read(true);
            let keys = must(keys.set_keys(Some(wanted)).build());
            let asked = self.client.batch_get_item().request_items(table, keys);
            let mut answer = must(asked.send().await);
            let items = answer.responses.as_mut().and_then(|it| it.remove(table));
            found.extend(items.unwrap_or_default().into_iter().map(decoded));
            wanted = rest;
            // What does not fit into an answer is asked for again.
            let left = answer.unprocessed_keys.unwrap_or_default();
            wanted.extend(left.into_values().flat_map(|it| it.keys));
        }
        found
    }
}

fn decoded<A: Stored>(item: HashMap<String, AttributeValue>) -> A {
    must(A::decode(Image::from(item)))
}
