//! Wiring of the `project-dashboard` function.

use dynamo_store::OperationsTable;
use lambda_boot::Service;
use project_dashboard::{Config, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("project-dashboard").await?;
    let config = Config::from_env(boot.env())?;
    let figures = OperationsTable::connect(boot.aws(), &config.table);
    boot.open_connections(&[Service::DynamoDb]).await;
    // The order in which events come does not show, so nothing waits behind a message that fails.
    lambda_boot::serve_inbox(|_| true, async |event| handle(&figures, &event).await).await
}
