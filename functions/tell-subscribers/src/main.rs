//! Wiring of the `tell-subscribers` function.

use breaker::Machine;
use dynamo_store::{AccountsTable, OperationsTable, RealtimeTable};
use lambda_boot::{Clock, Service};
use mailer::SesMailer;
use messaging::Queue;
use tell_subscribers::{Config, Outside, handle};
use telling::{Links, Mails};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("tell-subscribers").await?;
    let config = Config::from_env(boot.env())?;
    let realtime = RealtimeTable::connect(boot.aws(), &config.realtime);
    let accounts: AccountsTable = realtime.beside(&config.accounts);
    let breakers: OperationsTable = realtime.beside(&config.operations);
    let time = Machine(|| Clock::system().now());
    let mail = &config.mail;
    let mailer = SesMailer::connect(boot.aws(), &mail.from);
    let links = Links::with_key(&mail.link_key.0, &mail.link_base, &mail.api_base)?;
    let queue = Queue::connect(boot.aws(), boot.roots(), &config.queue)?;
    let outside = Outside {
        realtime,
        accounts,
        queue: queue.letters(|| Clock::system().now()),
        mails: Mails::new(breakers, mailer, links, time),
    };
    boot.open_connections(&[Service::DynamoDb]).await;
    // A list takes each course once, so nothing has to wait behind a page that fails.
    lambda_boot::serve_inbox(|_| true, async |event| handle(&outside, event).await).await
}
