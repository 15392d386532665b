//! Wiring of the `inventory-api` function.

use dynamo_store::{CatalogTable, InventoryTable};
use http_edge::{Cursors, edge};
use inventory_api::{App, Config, api};
use lambda_boot::{Clock, Service};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("inventory-api").await?;
    let config = Config::from_env(boot.env())?;
    let stock = InventoryTable::connect(boot.aws(), &config.inventory);
    let catalogue: CatalogTable = stock.beside(&config.catalogue);
    let door = config.callers.door(&stock)?;
    let app = App {
        stock,
        catalogue,
        cursors: Cursors::new(&config.cursor_key.0)?,
        tenant: config.tenant,
        clock: Clock::system(),
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    boot.serve_http(edge(api(app), door)).await
}
