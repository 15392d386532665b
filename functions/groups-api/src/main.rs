//! Wiring of the `groups-api` function.

use dynamo_store::{OperationsTable, RealtimeTable};
use groups_api::{App, Config, api};
use http_edge::{Cursors, edge};
use lambda_boot::{Clock, Service, new_id};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("groups-api").await?;
    let config = Config::from_env(boot.env())?;
    let lists = RealtimeTable::connect(boot.aws(), &config.realtime);
    let claims: OperationsTable = lists.beside(&config.callers.operations);
    let door = config.callers.door(&lists)?;
    let app = App {
        accounts: lists.beside(&config.callers.accounts),
        lists,
        claims,
        cursors: Cursors::new(&config.cursor_key.0)?,
        clock: Clock::system(),
        new_id,
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    boot.serve_http(edge(api(app), door)).await
}
