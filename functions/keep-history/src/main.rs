//! Wiring of the `keep-history` function.

use analytics_db::AnalyticsDb;
use keep_history::{Config, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("keep-history").await?;
    let config = Config::from_env(boot.env())?;
    let history = AnalyticsDb::connect(&config.database.0)?;
    let handle = async |records| handle(&history, records).await;
    lambda_boot::serve_stream(handle, config.failure).await
}
