//! Wiring of the `publish-events` function.

use lambda_boot::Service;
use messaging::Topic;
use publish_events::{Config, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("publish-events").await?;
    let config = Config::from_env(boot.env())?;
    let topic = Topic::connect(boot.aws(), &config.topic);
    boot.open_connections(&[Service::Sns]).await;
    lambda_boot::serve_stream(
        async |records| handle(&topic, records).await,
        config.failure,
    )
    .await
}
