//! Wiring of the `realtime-api` function.

use analytics_db::AnalyticsDb;
use dynamo_store::{AccountsTable, RealtimeTable};
use http_edge::{Cursors, edge};
use identity::LinkTokens;
use lambda_boot::{Clock, Service, new_id};
use realtime_api::{App, Config, api};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("realtime-api").await?;
    let config = Config::from_env(boot.env())?;
    let lists = RealtimeTable::connect(boot.aws(), &config.realtime);
    let door = config.callers.door(&lists)?;
    let history = config.database.map(|url| AnalyticsDb::connect(&url.0));
    let app: App<_, _, AccountsTable> = App {
        groups: lists.beside(&config.callers.accounts),
        lists,
        history: history.transpose()?,
        cursors: Cursors::new(&config.cursor_key.0)?,
        links: LinkTokens::new(&config.link_key.0)?,
        clock: Clock::system(),
        sockets: config.sockets,
        new_id,
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    boot.serve_http(edge(api(app), door)).await
}
