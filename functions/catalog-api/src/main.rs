//! Wiring of the `catalog-api` function.

use catalog_api::{App, Config, api};
use dynamo_store::CatalogTable;
use http_edge::{Cursors, Options, TokenVerifier, edge};
use lambda_boot::{Clock, Service, new_id};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("catalog-api").await?;
    let config = Config::from_env(boot.env())?;
    let tokens = &config.tokens;
    let tokens = TokenVerifier::new(&tokens.jwks, &tokens.issuer, &tokens.audience)?;
    let clock = Clock::system();
    let now = clock.clone();
    let app = App {
        store: CatalogTable::connect(boot.aws(), &config.catalogue),
        cursors: Cursors::new(&config.cursor_key.0)?,
        tenant: config.tenant,
        clock,
        new_id,
    };
    let options = Options::protected(tokens, move || now.now(), new_id);
    boot.open_connections(&[Service::DynamoDb]).await;
    lambda_boot::serve_http(edge(api(app), options)).await
}
