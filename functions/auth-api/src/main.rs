//! Wiring of the `auth-api` function.

use auth_api::{App, Config, api};
use dynamo_store::{AccountsTable, RealtimeTable};
use http_edge::edge;
use identity::{Argon2Passwords, LinkTokens, PhoneCodes};
use lambda_boot::{Clock, Service, new_id};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("auth-api").await?;
    let config = Config::from_env(boot.env())?;
    let store = AccountsTable::connect(boot.aws(), &config.callers.accounts);
    let door = config.callers.door(&store)?.without_keys();
    let texts: RealtimeTable = store.beside(&config.realtime);
    let app = App {
        store,
        passwords: Argon2Passwords::new(config.passwords)?,
        issuer: config.issuer()?,
        links: LinkTokens::new(&config.link_key.0)?,
        codes: PhoneCodes::new(&config.code_key.0)?,
        texts,
        verified_only: config.verified_only,
        tokens: config.callers.tokens,
        tenant: config.tenant,
        clock: Clock::system(),
        new_id,
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    boot.serve_http(edge(api(app), door)).await
}
