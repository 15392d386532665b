//! Wiring of the `orders-admin` function.

use dynamo_store::{InventoryTable, OrdersTable, PaymentsTable, ShippingTable};
use http_edge::{Cursors, edge};
use lambda_boot::{Clock, Service};
use orders_admin::{App, Books, Config, api};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("orders-admin").await?;
    let config = Config::from_env(boot.env())?;
    let orders = OrdersTable::connect(boot.aws(), &config.orders);
    let leases: InventoryTable = orders.beside(&config.inventory);
    let payments: PaymentsTable = orders.beside(&config.payments);
    let shipments: ShippingTable = orders.beside(&config.shipping);
    let door = config.callers.door(&orders)?;
    let app = App {
        orders,
        books: Books {
            leases,
            payments,
            shipments,
        },
        cursors: Cursors::new(&config.cursor_key.0)?,
        clock: Clock::system(),
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    boot.serve_http(edge(api(app), door)).await
}
