//! Wiring of the `privacy-api` function.

use dynamo_store::{AccountsTable, OrdersTable, Payments, Realtime, Shipping};
use http_edge::{Cursors, edge};
use identity::{Argon2Passwords, PasswordParams};
use lambda_boot::{Clock, Service};
use privacy_api::{App, Config, Kept, api};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("privacy-api").await?;
    let config = Config::from_env(boot.env())?;
    let orders = OrdersTable::connect(boot.aws(), &config.orders);
    let door = config.callers.door(&orders)?;
    let accounts: AccountsTable = orders.beside(&config.callers.accounts);
    let kept = Kept {
        payments: orders.beside::<Payments>(&config.payments),
        shipments: orders.beside::<Shipping>(&config.shipping),
        messages: orders.beside::<Realtime>(&config.realtime),
        orders,
    };
    let app = App {
        accounts,
        kept,
        // It makes no hash, and a hash says itself what it takes to verify it.
        passwords: Argon2Passwords::new(PasswordParams::default())?,
        cursors: Cursors::new(&config.cursor_key.0)?,
        clock: Clock::system(),
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    boot.serve_http(edge(api(app), door)).await
}
