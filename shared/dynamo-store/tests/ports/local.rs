//! DynamoDB's API in process, with the tables of the schema.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use dynamo_store::schema::TABLES;
use dynoxide::Database;
use tokio::net::TcpListener;

use crate::refusals::Refusals;

/// A new, empty table, served until the test ends.
pub(crate) async fn table<T>(name: &str, make: impl FnOnce(Client, &str) -> T) -> T {
    let (_, client) = database().await;
    make(client, name)
}

/// As [`table`], where some calls are refused.
pub(crate) async fn refusing_table<T>(
    name: &str,
    refusals: &Refusals,
    make: impl FnOnce(Client, &str) -> T,
) -> T {
    let (_, client) = database().await;
    let config = client.config().to_builder().interceptor(refusals.clone());
    make(Client::from_conf(config.build()), name)
}

/// A new database with all tables, and a client of it.
pub(crate) async fn database() -> (Database, Client) {
    let database = Database::memory().unwrap();
    for schema in TABLES {
        let request = serde_json::from_value(schema.create_request()).unwrap();
        database.create_table(request).unwrap();
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));
    (database, client(&format!("http://{address}")))
}

/// A client of an endpoint, without retries.
pub(crate) fn client(endpoint: &str) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .build();
    Client::from_conf(config)
}
