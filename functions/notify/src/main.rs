//! Wiring of the `notify` function.

use dynamo_store::RealtimeTable;
use lambda_boot::{Clock, Service};
use mailer::SesMailer;
use notify::{Config, handle, has_inbox};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("notify").await?;
    let config = Config::from_env(boot.env())?;
    let realtime = RealtimeTable::connect(boot.aws(), &config.table);
    let mailer = SesMailer::connect(boot.aws(), &config.mail_from);
    let links = config.links()?;
    boot.open_connections(&[Service::DynamoDb, Service::Ses])
        .await;
    let clock = Clock::system();
    lambda_boot::serve_inbox(has_inbox, async |event| {
        handle(&realtime, &mailer, &links, event, clock.now()).await
    })
    .await
}
