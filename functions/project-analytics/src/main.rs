//! Wiring of the `project-analytics` function.

use analytics_db::AnalyticsDb;
use project_analytics::{Config, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("project-analytics").await?;
    let config = Config::from_env(boot.env())?;
    let reports = AnalyticsDb::connect(&config.database.0)?;
    // Each thing counts once in whatever order they come, so nothing waits behind a message that fails.
    let handle = async |event| handle(&reports, &config.shop, &event).await;
    lambda_boot::serve_inbox(|_| true, handle).await
}
