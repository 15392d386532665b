//! Wiring of the `shipping` function.

use dynamo_store::ShippingTable;
use lambda_boot::{Clock, Service};
use providers::{HttpCarrier, Limits};
use shipping::{Config, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("shipping").await?;
    let config = Config::from_env(boot.env())?;
    let shipments = ShippingTable::connect(boot.aws(), &config.table);
    let carrier = HttpCarrier::new(&config.carrier_url, &config.carrier_key, Limits::default())?;
    let clock = Clock::system();
    boot.open_connections(&[Service::DynamoDb]).await;
    lambda_boot::serve_task(async |step| handle(&shipments, &carrier, clock.now(), step).await)
        .await
}
