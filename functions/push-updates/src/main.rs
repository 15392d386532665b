//! Wiring of the `push-updates` function.

use std::time::Duration;

use dynamo_store::RealtimeTable;
use http_edge::Cursors;
use lambda_boot::{Clock, Service};
use messaging::Queue;
use push_updates::{App, Config, handle};
use sockets::Gateway;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("push-updates").await?;
    let config = Config::from_env(boot.env())?;
    let gateway = Gateway::connect(boot.aws(), boot.roots(), &config.sockets)?;
    let slices = Queue::connect(boot.aws(), boot.roots(), &config.slices)?;
    let dashboards = Queue::connect(boot.aws(), boot.roots(), &config.dashboards)?;
    let app = App {
        sockets: RealtimeTable::connect(boot.aws(), &config.realtime),
        slices: slices.letters(|| Clock::system().now()),
        dashboards: dashboards.letters(|| Clock::system().now()),
        tenant: config.tenant,
        gateway: gateway.at(|| Clock::system().now()),
        cursors: Cursors::new(&config.cursor_key.0)?,
        clock: Clock::system(),
        pause: Duration::from_millis(200),
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    let handle = async |records| handle(&app, records).await;
    lambda_boot::serve_stream(handle, config.failure).await
}
