//! Wiring of the `authorize-socket` function.

use authorize_socket::{Config, handle};
use dynamo_store::RealtimeTable;
use lambda_boot::{Clock, Service};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("authorize-socket").await?;
    let config = Config::from_env(boot.env())?;
    let tickets = RealtimeTable::connect(boot.aws(), &config.realtime);
    let clock = Clock::system();
    boot.open_connections(&[Service::DynamoDb]).await;
    lambda_boot::serve_task(async |asked| {
        handle(&tickets, &config.origins, clock.now(), asked).await
    })
    .await
}
