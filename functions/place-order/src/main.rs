//! Wiring of the `place-order` function.

use dynamo_store::{CachedCatalogue, CatalogTable, OrdersTable};
use http_edge::edge;
use lambda_boot::{Clock, Service};
use place_order::{App, Config, api};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("place-order").await?;
    let config = Config::from_env(boot.env())?;
    let now = || Clock::system().now();
    let orders = OrdersTable::connect(boot.aws(), &config.orders);
    let catalogue: CatalogTable = orders.beside(&config.catalog);
    let door = config.callers.door(&orders)?;
    let app = App {
        orders,
        catalogue: CachedCatalogue::new(catalogue, now),
        tariff: config.tariff,
        clock: Clock::system(),
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    boot.serve_http(edge(api(app), door)).await
}
