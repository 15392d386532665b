//! Wiring of the `search-api` function.

use analytics_db::AnalyticsDb;
use dynamo_store::OperationsTable;
use http_edge::{Cursors, edge};
use lambda_boot::Service;
use search_api::{App, Config, api};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("search-api").await?;
    let config = Config::from_env(boot.env())?;
    let operations = OperationsTable::connect(boot.aws(), &config.callers.operations);
    let door = config.callers.door(&operations)?;
    let app = App {
        index: AnalyticsDb::connect(&config.database.0)?,
        cursors: Cursors::new(&config.cursor_key.0)?,
        tenant: config.tenant,
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    boot.serve_http(edge(api(app), door)).await
}
