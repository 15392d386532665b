//! Wiring of the `close-gaps` function.

use close_gaps::{Config, Queues, handle};
use dynamo_store::{OrdersTable, RealtimeTable, ShippingTable};
use lambda_boot::{Clock, Service};
use messaging::Queue;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("close-gaps").await?;
    let config = Config::from_env(boot.env())?;
    let orders = OrdersTable::connect(boot.aws(), &config.orders);
    let shipments = ShippingTable::connect(boot.aws(), &config.shipping);
    let realtime = RealtimeTable::connect(boot.aws(), &config.realtime);
    let notify = Queue::connect(boot.aws(), boot.roots(), &config.notify)?;
    let track_shipments = Queue::connect(boot.aws(), boot.roots(), &config.track_shipments)?;
    let clock = Clock::system();
    // Something is rarely missing.
    boot.open_connections(&[Service::DynamoDb]).await;
    lambda_boot::serve_schedule(async || {
        let now = clock.now();
        let queues = Queues {
            notify: notify.at(now),
            track_shipments: track_shipments.at(now),
        };
        handle(&orders, &shipments, &realtime, &queues, now).await
    })
    .await
}
