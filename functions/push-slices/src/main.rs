//! Wiring of the `push-slices` function.

use std::time::Duration;

use dynamo_store::RealtimeTable;
use lambda_boot::{Clock, Service};
use push_slices::{App, Config, handle};
use sockets::Gateway;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("push-slices").await?;
    let config = Config::from_env(boot.env())?;
    let gateway = Gateway::connect(boot.aws(), boot.roots(), &config.sockets)?;
    let app = App {
        sockets: RealtimeTable::connect(boot.aws(), &config.realtime),
        gateway: gateway.at(|| Clock::system().now()),
        clock: Clock::system(),
        pause: Duration::from_millis(200),
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    lambda_boot::serve_queue(async |slice| handle(&app, slice).await).await
}
