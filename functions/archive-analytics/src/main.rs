//! Wiring of the `archive-analytics` function.

use analytics_db::AnalyticsDb;
use archive_analytics::{Config, handle};
use event_archive::Archive;
use lambda_boot::Clock;
use object_store::FileBucket;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("archive-analytics").await?;
    let config = Config::from_env(boot.env())?;
    let database = AnalyticsDb::connect_patiently(&config.database.0)?;
    let clock = Clock::system();
    let now = clock.clone();
    let bucket = FileBucket::archive(boot.aws(), boot.roots(), &config.bucket)?;
    let archive = Archive::new(database, bucket.at(move || now.now()));
    lambda_boot::serve_schedule(async || handle(&archive, || clock.now()).await).await
}
