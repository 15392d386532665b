//! Wiring of the `sync-profile` function.

use breaker::Machine;
use dynamo_store::{AccountsTable, OperationsTable};
use lambda_boot::{Clock, Service};
use providers::HttpProfiles;
use sync_profile::{Config, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("sync-profile").await?;
    let config = Config::from_env(boot.env())?;
    let accounts = AccountsTable::connect(boot.aws(), &config.accounts);
    let breakers: OperationsTable = accounts.beside(&config.operations);
    let destinations = config.destinations.connect(&breakers, |it| {
        HttpProfiles::new(&it.url, &it.key.0, providers::Limits::default())
    })?;
    boot.open_connections(&[Service::DynamoDb]).await;
    let clock = Clock::system();
    let time = Machine(|| clock.now());
    // What is wanted only rises: nothing waits behind what could not be noted.
    let handle = async |event| handle(&accounts, &accounts, &destinations, event, &time).await;
    lambda_boot::serve_inbox(|_| true, handle).await
}
