//! Wiring of the `start-saga` function.

use lambda_boot::Service;
use start_saga::{Config, handle};
use workflow::{RecoveryMachine, SagaMachine};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("start-saga").await?;
    let config = Config::from_env(boot.env())?;
    let saga = SagaMachine::connect(boot.aws(), &config.saga);
    let recovery = RecoveryMachine::connect(boot.aws(), &config.recovery);
    boot.open_connections(&[Service::StepFunctions]).await;
    let handle = async |records| handle(&saga, &recovery, records).await;
    lambda_boot::serve_stream(handle, config.failure).await
}
