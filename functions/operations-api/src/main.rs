//! Wiring of the `operations-api` function.

use dynamo_store::{AccountsTable, InventoryTable, OperationsTable};
use http_edge::edge;
use lambda_boot::{Clock, Service};
use messaging::{Letters, Queue as Way};
use operations_api::{App, Config, Queue, api};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("operations-api").await?;
    let config = Config::from_env(boot.env())?;
    let figures = OperationsTable::connect(boot.aws(), &config.callers.operations);
    let stock: InventoryTable = figures.beside(&config.inventory);
    let copies: AccountsTable = figures.beside(&config.callers.accounts);
    let door = config.callers.door(&figures)?;
    let mut queues: Vec<Queue<Letters>> = Vec::new();
    for (name, url) in config.queues.0 {
        let way = Way::connect(boot.aws(), boot.roots(), &url)?;
        let letters = way.letters(|| Clock::system().now());
        queues.push(Queue { name, letters });
    }
    let app = App {
        figures,
        stock,
        copies,
        queues,
        tenant: config.tenant,
        clock: Clock::system(),
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    boot.serve_http(edge(api(app), door)).await
}
