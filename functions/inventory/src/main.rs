//! Wiring of the `inventory` function.

use dynamo_store::InventoryTable;
use inventory::{Config, handle};
use lambda_boot::{Clock, Service};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("inventory").await?;
    let config = Config::from_env(boot.env())?;
    let stock = InventoryTable::connect(boot.aws(), &config.table);
    let clock = Clock::system();
    boot.open_connections(&[Service::DynamoDb]).await;
    lambda_boot::serve_task(async |step| handle(&stock, clock.now(), step).await).await
}
