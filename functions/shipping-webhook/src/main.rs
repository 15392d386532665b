//! Wiring of the `shipping-webhook` function.

use dynamo_store::ShippingTable;
use http_edge::{Options, WebhookVerifier, edge};
use lambda_boot::{Clock, Service, new_id};
use providers::PARCEL_SIGNATURE;
use shipping_webhook::{App, Config, api};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("shipping-webhook").await?;
    let config = Config::from_env(boot.env())?;
    let app = App {
        shipments: ShippingTable::connect(boot.aws(), &config.table),
        verifier: WebhookVerifier::new(PARCEL_SIGNATURE, &config.secrets)?,
        clock: Clock::system(),
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    boot.serve_http(edge(api(app), Options::public(new_id)))
        .await
}
