//! Wiring of the `system-api` function.

use cloudwatch::CloudWatch;
use dynamo_store::OrdersTable;
use http_edge::edge;
use lambda_boot::{Clock, Service};
use system_api::{App, Config, Tables, api};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("system-api").await?;
    let config = Config::from_env(boot.env())?;
    let first = OrdersTable::connect(boot.aws(), &config.callers.operations);
    let named = |(name, table): (String, String)| (name, first.beside(&table));
    let tables = Tables(config.tables.into_iter().map(named).collect());
    let counted = CloudWatch::connect(boot.aws(), boot.roots(), &config.metrics)?;
    let door = config.callers.door(&first)?;
    let app = App::new(tables, counted, Clock::system());
    boot.open_connections(&[Service::DynamoDb]).await;
    boot.serve_http(edge(api(app), door)).await
}
