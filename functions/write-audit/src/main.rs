//! Wiring of the `write-audit` function.

use audit::Salt;
use dynamo_store::AuditTable;
use lambda_boot::{Service, new_id};
use write_audit::{Config, Writer, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("write-audit").await?;
    let config = Config::from_env(boot.env())?;
    let writer = Writer::new(AuditTable::connect(boot.aws(), &config.table));
    boot.open_connections(&[Service::DynamoDb]).await;
    let salt = || Salt(new_id().into_bytes());
    lambda_boot::serve_queue(async |message| handle(&writer, &salt, message).await).await
}
