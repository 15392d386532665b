//! Wiring of the `migrate` function.

use analytics_db::AnalyticsDb;
use migrate::{Config, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("migrate").await?;
    let config = Config::from_env(boot.env())?;
    let database = AnalyticsDb::connect(&config.database.0)?;
    lambda_boot::serve_schedule(async || handle(database.migrate()).await).await
}
