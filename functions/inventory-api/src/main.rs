//! Wiring of the `inventory-api` function.

use dynamo_store::{AccountsTable, CatalogTable, InventoryTable, OperationsTable};
use http_edge::{Cursors, Limits, Options, TokenVerifier, edge};
use inventory_api::{App, Config, api};
use lambda_boot::{Clock, Service, new_id};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("inventory-api").await?;
    let config = Config::from_env(boot.env())?;
    let callers = config.callers;
    let tokens = &callers.tokens;
    let tokens = TokenVerifier::new(&tokens.jwks, &tokens.issuer, &tokens.audience)?;
    let now = || Clock::system().now();
    let stock = InventoryTable::connect(boot.aws(), &config.inventory);
    let keys: AccountsTable = stock.beside(&callers.accounts);
    let counters: OperationsTable = stock.beside(&callers.operations);
    let catalogue: CatalogTable = stock.beside(&config.catalogue);
    let app = App {
        stock,
        catalogue,
        cursors: Cursors::new(&config.cursor_key.0)?,
        tenant: config.tenant,
        clock: Clock::system(),
    };
    let limits = Limits::new(counters, callers.limits, now);
    let options = Options::protected(tokens, now, new_id)
        .with_keys(keys)
        .limited(limits);
    boot.open_connections(&[Service::DynamoDb]).await;
    lambda_boot::serve_http(edge(api(app), options)).await
}
