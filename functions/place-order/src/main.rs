//! Wiring of the `place-order` function.

use dynamo_store::{AccountsTable, CachedCatalogue, CatalogTable, OperationsTable, OrdersTable};
use http_edge::{Limits, Options, TokenVerifier, edge};
use lambda_boot::{Clock, Service, new_id};
use place_order::{App, Config, api};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("place-order").await?;
    let config = Config::from_env(boot.env())?;
    let tokens = &config.tokens;
    let tokens = TokenVerifier::new(&tokens.jwks, &tokens.issuer, &tokens.audience)?;
    let now = || Clock::system().now();
    let orders = OrdersTable::connect(boot.aws(), &config.orders);
    let catalogue: CatalogTable = orders.beside(&config.catalog);
    let keys: AccountsTable = orders.beside(&config.accounts);
    let counters: OperationsTable = orders.beside(&config.operations);
    let app = App {
        orders,
        catalogue: CachedCatalogue::new(catalogue, now),
        clock: Clock::system(),
    };
    let limits = Limits::new(counters, config.limits, now);
    let options = Options::protected(tokens, now, new_id)
        .with_keys(keys)
        .limited(limits);
    boot.open_connections(&[Service::DynamoDb]).await;
    lambda_boot::serve_http(edge(api(app), options)).await
}
