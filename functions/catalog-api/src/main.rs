//! Wiring of the `catalog-api` function.

use catalog_api::{App, Config, api};
use dynamo_store::{AccountsTable, CatalogTable, OperationsTable};
use http_edge::{Cursors, Limits, Options, TokenVerifier, edge};
use lambda_boot::{Clock, Service, new_id};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("catalog-api").await?;
    let config = Config::from_env(boot.env())?;
    let callers = config.callers;
    let tokens = &callers.tokens;
    let tokens = TokenVerifier::new(&tokens.jwks, &tokens.issuer, &tokens.audience)?;
    let now = || Clock::system().now();
    let store = CatalogTable::connect(boot.aws(), &config.catalogue);
    let keys: AccountsTable = store.beside(&callers.accounts);
    let counters: OperationsTable = store.beside(&callers.operations);
    let app = App {
        store,
        cursors: Cursors::new(&config.cursor_key.0)?,
        tenant: config.tenant,
        clock: Clock::system(),
        new_id,
    };
    let limits = Limits::new(counters, callers.limits, now);
    let options = Options::protected(tokens, now, new_id)
        .with_keys(keys)
        .limited(limits);
    boot.open_connections(&[Service::DynamoDb]).await;
    lambda_boot::serve_http(edge(api(app), options)).await
}
