//! Wiring of the `inventory-api` function.

use dynamo_store::{CatalogTable, InventoryTable};
use http_edge::{Cursors, Options, TokenVerifier, edge};
use inventory_api::{App, Config, api};
use lambda_boot::{Clock, Service, new_id};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("inventory-api").await?;
    let config = Config::from_env(boot.env())?;
    let tokens = &config.tokens;
    let tokens = TokenVerifier::new(&tokens.jwks, &tokens.issuer, &tokens.audience)?;
    let clock = Clock::system();
    let now = clock.clone();
    let app = App {
        stock: InventoryTable::connect(boot.aws(), &config.inventory),
        catalogue: CatalogTable::connect(boot.aws(), &config.catalogue),
        cursors: Cursors::new(&config.cursor_key.0)?,
        tenant: config.tenant,
        clock,
    };
    let options = Options::protected(tokens, move || now.now(), new_id);
    boot.open_connections(&[Service::DynamoDb]).await;
    lambda_boot::serve_http(edge(api(app), options)).await
}
