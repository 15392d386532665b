//! Wiring of the `metrics-api` function.

use analytics_db::AnalyticsDb;
use answer_cache::Answers;
use contracts::http::MAX_METRICS_BYTES;
use dynamo_store::OperationsTable;
use http_edge::edge;
use lambda_boot::{Clock, Service};
use messaging::Queue;
use metrics_api::{App, Config, api};
use valkey::Valkey;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("metrics-api").await?;
    let config = Config::from_env(boot.env())?;
    let operations = OperationsTable::connect(boot.aws(), &config.callers.operations);
    let door = config.callers.door(&operations)?;
    let queue = Queue::connect(boot.aws(), boot.roots(), &config.queue)?;
    let cache = config
        .cache
        .map(|(address, space)| Valkey::connect(&address.0, &space));
    let app = App {
        reports: AnalyticsDb::connect(&config.database.0)?,
        answers: Answers::new(cache.transpose()?),
        queue: queue.letters(|| Clock::system().now()),
        clock: Clock::system(),
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    let door = door.body_limit(MAX_METRICS_BYTES);
    boot.serve_http(edge(api(app), door)).await
}
