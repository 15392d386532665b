//! Wiring of the `take-commands` function.

use dynamo_store::{CachedCatalogue, CatalogTable, OrdersTable, ShippingTable};
use lambda_boot::{Clock, Service};
use messaging::Queue;
use take_commands::{Config, Desk, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("take-commands").await?;
    let config = Config::from_env(boot.env())?;
    let now = || Clock::system().now();
    let dead_letters = Queue::connect(boot.aws(), boot.roots(), &config.dead_letters)?.letters(now);
    let orders = OrdersTable::connect(boot.aws(), &config.orders);
    let catalogue: CatalogTable = orders.beside(&config.catalog);
    let desk = Desk {
        shop: config.shop,
        shipments: ShippingTable::connect(boot.aws(), &config.shipping),
        orders,
        catalogue: CachedCatalogue::new(catalogue, now),
        tariff: config.tariff,
    };
    // Something is rarely refused.
    boot.open_connections(&[Service::DynamoDb]).await;
    lambda_boot::serve_queue(async |message| handle(&desk, &dead_letters, now(), message).await)
        .await
}
