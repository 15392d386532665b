//! Wiring of the `accounts-api` function.

use accounts_api::{App, Config, api};
use dynamo_store::AccountsTable;
use http_edge::edge;
use identity::Argon2Passwords;
use lambda_boot::{Clock, Service, new_id};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("accounts-api").await?;
    let config = Config::from_env(boot.env())?;
    let store = AccountsTable::connect(boot.aws(), &config.callers.accounts);
    let door = config.callers.door(&store)?;
    let app = App {
        store,
        passwords: Argon2Passwords::new(config.passwords)?,
        tenant: config.tenant,
        clock: Clock::system(),
        new_id,
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    boot.serve_http(edge(api(app), door)).await
}
