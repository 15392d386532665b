//! Wiring of the `audit-api` function.

use audit_api::{App, Config, api};
use dynamo_store::AuditTable;
use http_edge::{Cursors, edge};
use lambda_boot::Service;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("audit-api").await?;
    let config = Config::from_env(boot.env())?;
    let chains = AuditTable::connect(boot.aws(), &config.audit);
    let door = config.callers.door(&chains)?;
    let app = App {
        chains,
        cursors: Cursors::new(&config.cursor_key.0)?,
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    boot.serve_http(edge(api(app), door)).await
}
