//! Wiring of the `payments-webhook` function.

use dynamo_store::PaymentsTable;
use http_edge::{Options, WebhookVerifier, edge};
use lambda_boot::{Clock, Service, new_id};
use payments_webhook::{App, Config, api};
use providers::PAYMENT_SIGNATURE;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("payments-webhook").await?;
    let config = Config::from_env(boot.env())?;
    let app = App {
        payments: PaymentsTable::connect(boot.aws(), &config.table),
        verifier: WebhookVerifier::new(PAYMENT_SIGNATURE, &config.secrets)?,
        clock: Clock::system(),
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    boot.serve_http(edge(api(app), Options::public(new_id)))
        .await
}
