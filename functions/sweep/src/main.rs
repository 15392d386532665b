//! Wiring of the `sweep` function.

use dynamo_store::{OrdersTable, PaymentsTable, ShippingTable};
use lambda_boot::{Clock, Service};
use sweep::{Config, handle};
use workflow::RecoveryMachine;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("sweep").await?;
    let config = Config::from_env(boot.env())?;
    let orders = OrdersTable::connect(boot.aws(), &config.orders);
    let payments = PaymentsTable::connect(boot.aws(), &config.payments);
    let shipments = ShippingTable::connect(boot.aws(), &config.shipping);
    let recovery = RecoveryMachine::connect(boot.aws(), &config.recovery);
    let clock = Clock::system();
    // Recovery is rarely started.
    boot.open_connections(&[Service::DynamoDb]).await;
    lambda_boot::serve_schedule(async || {
        handle(&orders, &payments, &shipments, &recovery, clock.now()).await
    })
    .await
}
