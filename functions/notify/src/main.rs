//! Wiring of the `notify` function.

use breaker::Machine;
use dynamo_store::{OperationsTable, RealtimeTable};
use lambda_boot::{Clock, Service};
use mailer::SesMailer;
use notify::{Config, handle, has_inbox};
use telling::{Links, Mails};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("notify").await?;
    let config = Config::from_env(boot.env())?;
    let realtime = RealtimeTable::connect(boot.aws(), &config.table);
    let mail = &config.mail;
    let mailer = SesMailer::connect(boot.aws(), &mail.from);
    let links = Links::with_key(&mail.link_key.0, &mail.link_base, &mail.api_base)?;
    let breakers: OperationsTable = realtime.beside(&config.operations);
    let clock = Clock::system();
    let time = Machine(|| clock.now());
    let mails = Mails::new(breakers, mailer, links, time);
    boot.open_connections(&[Service::DynamoDb, Service::Ses])
        .await;
    lambda_boot::serve_inbox(has_inbox, async |event| {
        handle(&realtime, &mails, event, clock.now()).await
    })
    .await
}
