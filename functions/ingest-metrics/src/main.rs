//! Wiring of the `ingest-metrics` function.

use analytics_db::AnalyticsDb;
use ingest_metrics::{App, Config, handle};
use lambda_boot::Clock;
use messaging::Queue;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("ingest-metrics").await?;
    let config = Config::from_env(boot.env())?;
    let now = || Clock::system().now();
    let metrics = AnalyticsDb::connect(&config.database.0)?;
    let dead_letters = Queue::connect(boot.aws(), boot.roots(), &config.dead_letters)?.letters(now);
    let app = App::new(metrics, dead_letters);
    boot.serve_together(async |batches| handle(&app, now(), batches).await)
        .await
}
