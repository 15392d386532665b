//! Wiring of the `push-dashboard` function.

use std::time::Duration;

use dynamo_store::{InventoryTable, OperationsTable, RealtimeTable};
use lambda_boot::{Clock, Service};
use push_dashboard::{App, Config, handle};
use sockets::Gateway;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("push-dashboard").await?;
    let config = Config::from_env(boot.env())?;
    let gateway = Gateway::connect(boot.aws(), boot.roots(), &config.sockets)?;
    let sockets = RealtimeTable::connect(boot.aws(), &config.realtime);
    let figures: OperationsTable = sockets.beside(&config.operations);
    let stock: InventoryTable = sockets.beside(&config.inventory);
    let app = App {
        sockets,
        figures,
        stock,
        gateway: gateway.at(|| Clock::system().now()),
        tenant: config.tenant,
        clock: Clock::system(),
        pause: Duration::from_millis(200),
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    lambda_boot::serve_queue(async |changed| handle(&app, changed).await).await
}
