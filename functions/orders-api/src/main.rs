//! Wiring of the `orders-api` function.

use dynamo_store::OrdersTable;
use http_edge::{Cursors, edge};
use lambda_boot::{Clock, Service};
use orders_api::{App, Config, api};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("orders-api").await?;
    let config = Config::from_env(boot.env())?;
    let orders = OrdersTable::connect(boot.aws(), &config.orders);
    let door = config.callers.door(&orders)?;
    let app = App {
        orders,
        cursors: Cursors::new(&config.cursor_key.0)?,
        clock: Clock::system(),
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    boot.serve_http(edge(api(app), door)).await
}
