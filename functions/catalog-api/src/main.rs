//! Wiring of the `catalog-api` function.

use catalog_api::{App, Config, api};
use dynamo_store::{CatalogTable, OperationsTable};
use http_edge::{Cursors, edge};
use lambda_boot::{Clock, Service, new_id};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("catalog-api").await?;
    let config = Config::from_env(boot.env())?;
    let store = CatalogTable::connect(boot.aws(), &config.catalogue);
    let claims: OperationsTable = store.beside(&config.callers.operations);
    let door = config.callers.door(&store)?;
    let app = App {
        store,
        claims,
        cursors: Cursors::new(&config.cursor_key.0)?,
        tenant: config.tenant,
        clock: Clock::system(),
        new_id,
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    boot.serve_http(edge(api(app), door)).await
}
