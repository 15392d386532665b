//! Wiring of the `refunds` function.

use dynamo_store::PaymentsTable;
use lambda_boot::{Clock, Service};
use providers::{Limits, StripePayments};
use refunds::{Config, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("refunds").await?;
    let config = Config::from_env(boot.env())?;
    let payments = PaymentsTable::connect(boot.aws(), &config.table);
    let (url, key) = (&config.provider_url, &config.provider_key);
    let provider = StripePayments::new(url, key, Limits::default())?;
    let clock = Clock::system();
    boot.open_connections(&[Service::DynamoDb]).await;
    lambda_boot::serve_task(async |step| handle(&payments, &provider, clock.now(), step).await)
        .await
}
