//! What a real stream carries becomes the events that were raised, once each.

use contracts::events::Envelope;
use domain::ports::{HoldStock, KeepAccounts, KeepSessions, Save, StockShelves};
use domain::{Aggregate, LeaseCommand, OrderCommand, Session, SessionId, SessionLimits};
use dynamo_store::outbox::{from_stream_json, new_events, order_in};
use dynamo_store::schema::NEWS;
use dynamo_store::{AccountsTable, InventoryTable, OrdersTable};
use dynoxide::Database;
use serde_json::{Value, json};
use testkit::build::{a_lease, an_account, an_order, at, pieces};
use testkit::must;
use uuid::Uuid;

use crate::local::database;

#[tokio::test]
async fn the_stream_of_orders_carries_each_event_once() {
    let (database, client) = database().await;
    let orders = OrdersTable::with_client(client, "Orders");
    let mut order = must(orders.save(an_order().pending()).await);
    let epoch = order.epoch;
    must(order.look_again_at(epoch, at(60)));
    let mut order = must(orders.save(order).await);
    must(order.execute(&OrderCommand::DecideCharging { epoch }, at(1)));
    let mut order = must(orders.save(order).await);
    must(order.execute(&OrderCommand::Complete { epoch }, at(2)));
    must(orders.save(order).await);

    let records = records(&database, "Orders");
    let per_record: Vec<Vec<String>> = records.iter().map(|it| ids(&events_of(it))).collect();
    let id = testkit::build::order_id(1);
    let event = |number: u32| vec![format!("order/{id}/{number}")];
    assert_eq!(per_record, [event(1), vec![], vec![], event(2)]);
}

#[tokio::test]
async fn an_insert_of_an_order_starts_its_saga() {
    let (database, client) = database().await;
    let orders = OrdersTable::with_client(client, "Orders");
    let saved = must(orders.save(an_order().pending()).await);
    let records = records(&database, "Orders");
    let new = must(from_stream_json(records[0]["dynamodb"]["NewImage"].clone()));
    assert_eq!(must(order_in(new)), Some(saved));
}

#[tokio::test]
async fn the_stream_of_inventory_carries_leases_and_stock() {
    let (database, client) = database().await;
    let inventory = InventoryTable::with_client(client, "Inventory");
    must(inventory.restock(&pieces("sku-tea", 3), at(0)).await);
    let mut lease = must(inventory.hold(a_lease().held(), at(1)).await);
    must(lease.execute(&LeaseCommand::Release, at(2)));
    must(inventory.give_back(lease, at(2)).await);

    let events: Vec<Envelope> = records(&database, "Inventory")
        .iter()
        .flat_map(events_of)
        .collect();
    let stock: Vec<(u32, u64)> = events
        .iter()
        .filter(|event| event.aggregate_kind() == "stock")
        .map(|event| (event.sequence, event.data["available"].as_u64().unwrap()))
        .collect();
    assert_eq!(stock, [(1, 3), (2, 2), (3, 3)]);
    let lease: Vec<&str> = events
        .iter()
        .filter(|event| event.aggregate_kind() == "lease")
        .map(|event| event.event_type.as_str())
        .collect();
    let wanted = [
        "cartwright.lease.reserved.v1",
        "cartwright.lease.released.v1",
    ];
    assert_eq!(lease, wanted);
}

/// Addresses are nobody's business; of sessions the audit log hears, and nobody else.
#[tokio::test]
async fn the_stream_of_accounts_carries_each_change_and_note_once_and_nothing_else() {
    let (database, client) = database().await;
    let accounts = AccountsTable::with_client(client, "Accounts");
    let mut alice = must(accounts.register(an_account("alice")).await);
    let limits = SessionLimits::default();
    let session = Session::begin(SessionId(Uuid::from_u128(1)), &alice, &limits, at(1));
    must(accounts.save_session(session).await);
    assert!(alice.request_reset(at(2)));
    must(accounts.save_account(alice).await);

    let records = records(&database, "Accounts");
    let per_record: Vec<Vec<String>> = records.iter().map(|it| ids(&events_of(it))).collect();
    let event = |number: u32| vec![format!("account/alice/{number}")];
    let note = vec![format!("note/session-{}/1", Uuid::from_u128(1))];
    assert_eq!(per_record.concat(), [event(1), note, event(2)].concat());
    assert_eq!(records.len(), 4);
    let last = events_of(&records[3]).remove(0);
    assert_eq!(last.event_type, "cartwright.account.reset-requested.v1");
}

/// The relay gets the records that are marked, and no others.
fn events_of(record: &Value) -> Vec<Envelope> {
    let image = |name: &str| {
        let image = record["dynamodb"].get(name).cloned();
        image.map(|image| must(from_stream_json(image)))
    };
    let events = must(new_events(image("OldImage"), image("NewImage").unwrap()));
    let marked = record["dynamodb"]["NewImage"][NEWS]["BOOL"] == true;
    assert_eq!(marked, !events.is_empty(), "{record}");
    events
}

fn ids(events: &[Envelope]) -> Vec<String> {
    events.iter().map(|event| event.id.clone()).collect()
}

/// The records of a table's stream, in the JSON that AWS sends.
fn records(database: &Database, table: &str) -> Vec<Value> {
    let streams = database.list_streams(request(json!({"TableName": table})));
    let arn = streams.unwrap().streams[0].stream_arn.clone();
    let stream = database.describe_stream(request(json!({"StreamArn": arn})));
    let stream = serde_json::to_value(stream.unwrap()).unwrap();
    let shard = &stream["StreamDescription"]["Shards"][0]["ShardId"];
    let iterator = database.get_shard_iterator(request(json!({
        "StreamArn": arn,
        "ShardId": shard,
        "ShardIteratorType": "TRIM_HORIZON",
    })));
    let iterator = iterator.unwrap().shard_iterator.unwrap();
    let records = database.get_records(request(json!({"ShardIterator": iterator})));
    let records = serde_json::to_value(records.unwrap()).unwrap();
    records["Records"].as_array().unwrap().clone()
}

fn request<T: serde::de::DeserializeOwned>(body: Value) -> T {
    serde_json::from_value(body).unwrap()
}
