//! Wiring of the `index-search` function.

use analytics_db::AnalyticsDb;
use index_search::{Config, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("index-search").await?;
    let config = Config::from_env(boot.env())?;
    let index = AnalyticsDb::connect(&config.database.0)?;
    // The newest state wins in whatever order they come, so nothing waits behind a message that fails.
    lambda_boot::serve_inbox(|_| true, async |event| handle(&index, &event).await).await
}
