//! Wiring of the `anchor-audit` function.

use anchor_audit::{Config, handle};
use dynamo_store::AuditTable;
use lambda_boot::{Clock, Service};
use object_store::AnchorBucket;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("anchor-audit").await?;
    let config = Config::from_env(boot.env())?;
    let chains = AuditTable::connect(boot.aws(), &config.table);
    let clock = Clock::system();
    let now = clock.clone();
    let bucket = AnchorBucket::connect(boot.aws(), boot.roots(), &config.bucket)?;
    let anchors = bucket.at(move || now.now());
    boot.open_connections(&[Service::DynamoDb]).await;
    lambda_boot::serve_schedule(async || handle(&chains, &anchors, &config.key, clock.now()).await)
        .await
}
