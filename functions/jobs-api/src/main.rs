//! Wiring of the `jobs-api` function.

use dynamo_store::OperationsTable;
use http_edge::{Cursors, edge};
use jobs_api::{App, Config, api};
use lambda_boot::{Clock, Service};
use messaging::Queue;
use object_store::FileBucket;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("jobs-api").await?;
    let config = Config::from_env(boot.env())?;
    let jobs = OperationsTable::connect(boot.aws(), &config.callers.operations);
    let door = config.callers.door(&jobs)?;
    let queue = Queue::connect(boot.aws(), boot.roots(), &config.queue)?;
    let files = FileBucket::jobs(boot.aws(), boot.roots(), &config.files)?;
    let app = App {
        jobs,
        queue: queue.letters(|| Clock::system().now()),
        files: files.at(|| Clock::system().now()),
        home: config.home,
        cursors: Cursors::new(&config.cursor_key.0)?,
        clock: Clock::system(),
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    boot.serve_http(edge(api(app), door)).await
}
