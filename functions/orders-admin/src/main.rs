//! Wiring of the `orders-admin` function.

use dynamo_store::{
    AccountsTable, InventoryTable, OperationsTable, OrdersTable, PaymentsTable, ShippingTable,
};
use http_edge::{Cursors, Limits, Options, TokenVerifier, edge};
use lambda_boot::{Clock, Service, new_id};
use orders_admin::{App, Books, Config, api};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("orders-admin").await?;
    let config = Config::from_env(boot.env())?;
    let callers = config.callers;
    let tokens = &callers.tokens;
    let tokens = TokenVerifier::new(&tokens.jwks, &tokens.issuer, &tokens.audience)?;
    let now = || Clock::system().now();
    let orders = OrdersTable::connect(boot.aws(), &config.orders);
    let keys: AccountsTable = orders.beside(&callers.accounts);
    let counters: OperationsTable = orders.beside(&callers.operations);
    let leases: InventoryTable = orders.beside(&config.inventory);
    let payments: PaymentsTable = orders.beside(&config.payments);
    let shipments: ShippingTable = orders.beside(&config.shipping);
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
    let limits = Limits::new(counters, callers.limits, now);
    let options = Options::protected(tokens, now, new_id)
        .with_keys(keys)
        .limited(limits);
    boot.open_connections(&[Service::DynamoDb]).await;
    lambda_boot::serve_http(edge(api(app), options)).await
}
