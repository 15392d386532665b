//! Wiring of the `orders` function.

use dynamo_store::OrdersTable;
use lambda_boot::{Clock, Service};
use orders::{Config, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("orders").await?;
    let config = Config::from_env(boot.env())?;
    let orders = OrdersTable::connect(boot.aws(), &config.table);
    let clock = Clock::system();
    boot.open_connections(&[Service::DynamoDb]).await;
    lambda_boot::serve_task(async |step| handle(&orders, clock.now(), step).await).await
}
