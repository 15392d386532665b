//! Wiring of the `accounts-api` function.

use accounts_api::{App, Config, api};
use dynamo_store::{AccountsTable, OperationsTable};
use http_edge::{Limits, Options, TokenVerifier, edge};
use identity::Argon2Passwords;
use lambda_boot::{Clock, Service, new_id};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("accounts-api").await?;
    let config = Config::from_env(boot.env())?;
    let tokens = &config.tokens;
    let verifier = TokenVerifier::new(&tokens.jwks, &tokens.issuer, &tokens.audience)?;
    let now = || Clock::system().now();
    let store = AccountsTable::connect(boot.aws(), &config.accounts);
    let keys = store.clone();
    let app = App {
        store,
        passwords: Argon2Passwords::new(config.passwords)?,
        tenant: config.tenant,
        clock: Clock::system(),
        new_id,
    };
    let counters: OperationsTable = keys.beside(&config.operations);
    let limits = Limits::new(counters, config.limits, now);
    let options = Options::protected(verifier, now, new_id)
        .with_keys(keys)
        .limited(limits);
    boot.open_connections(&[Service::DynamoDb]).await;
    lambda_boot::serve_http(edge(api(app), options)).await
}
