//! Wiring of the `erase-person` function.

use dynamo_store::{
    AccountsTable, AuditTable, OrdersTable, PaymentsTable, RealtimeTable, ShippingTable,
};
use erase_person::{Config, Stores};
use lambda_boot::{Clock, Service};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("erase-person").await?;
    let config = Config::from_env(boot.env())?;
    let orders = OrdersTable::connect(boot.aws(), &config.orders);
    let keys: AccountsTable = orders.beside(&config.accounts);
    let audit: AuditTable = orders.beside(&config.audit);
    let payments: PaymentsTable = orders.beside(&config.payments);
    let realtime: RealtimeTable = orders.beside(&config.realtime);
    let shipments: ShippingTable = orders.beside(&config.shipping);
    let stores = Stores {
        orders,
        payments,
        shipments,
        realtime,
        audit,
        keys,
    };
    let clock = Clock::system();
    boot.open_connections(&[Service::DynamoDb]).await;
    lambda_boot::serve_queue(async |event| stores.handle(&event, clock.now()).await).await
}
