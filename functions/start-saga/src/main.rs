//! Wiring of the `start-saga` function.

use lambda_boot::Service;
use start_saga::{Config, handle};
use workflow::SagaMachine;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("start-saga").await?;
    let config = Config::from_env(boot.env())?;
    let saga = SagaMachine::connect(boot.aws(), &config.saga);
    boot.open_connections(&[Service::StepFunctions]).await;
    lambda_boot::serve_stream(async |records| handle(&saga, records).await, config.failure).await
}
