//! Wiring of the `realtime` function.

use dynamo_store::{AccountsTable, OperationsTable, RealtimeTable};
use http_edge::{Cursors, Limits};
use lambda_boot::{Clock, Service};
use realtime::{App, Config, handle_socket};
use sockets::Gateway;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("realtime").await?;
    let config = Config::from_env(boot.env())?;
    let lists = RealtimeTable::connect(boot.aws(), &config.realtime);
    let accounts: AccountsTable = lists.beside(&config.accounts);
    let gateway = Gateway::connect(boot.aws(), boot.roots(), &config.sockets)?;
    let counters: OperationsTable = lists.beside(&config.operations);
    let app = App {
        lists,
        accounts,
        gateway: gateway.at(|| Clock::system().now()),
        cursors: Cursors::new(&config.cursor_key.0)?,
        clock: Clock::system(),
        limits: Limits::new(counters, config.limits, || Clock::system().now()),
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    lambda_boot::serve_task(async |event| handle_socket(&app, event).await).await
}
