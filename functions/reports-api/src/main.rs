//! Wiring of the `reports-api` function.

use analytics_db::AnalyticsDb;
use answer_cache::Answers;
use dynamo_store::OperationsTable;
use http_edge::edge;
use lambda_boot::{Clock, Service};
use reports_api::{App, Config, api};
use valkey::Valkey;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("reports-api").await?;
    let config = Config::from_env(boot.env())?;
    let operations = OperationsTable::connect(boot.aws(), &config.callers.operations);
    let door = config.callers.door(&operations)?;
    let cache = config
        .cache
        .map(|(address, space)| Valkey::connect(&address.0, &space));
    let app = App {
        reports: AnalyticsDb::connect(&config.database.0)?,
        answers: Answers::new(cache.transpose()?),
        clock: Clock::system(),
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    boot.serve_http(edge(api(app), door)).await
}
