//! Wiring of the `track-shipments` function.

use dynamo_store::OrdersTable;
use lambda_boot::{Clock, Service};
use track_shipments::{Config, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("track-shipments").await?;
    let config = Config::from_env(boot.env())?;
    let orders = OrdersTable::connect(boot.aws(), &config.table);
    boot.open_connections(&[Service::DynamoDb]).await;
    let clock = Clock::system();
    lambda_boot::serve_inbox(
        |_| true,
        async |event| handle(&orders, event, clock.now()).await,
    )
    .await
}
