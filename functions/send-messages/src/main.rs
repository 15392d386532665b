//! Wiring of the `send-messages` function.

use breaker::Machine;
use dynamo_store::{AccountsTable, OperationsTable, RealtimeTable};
use identity::PhoneCodes;
use lambda_boot::{Clock, Service};
use mailer::SesMailer;
use messaging::SnsTexts;
use providers::TwilioTexts;
use send_messages::{Config, handle};
use telling::{Codes, LaterMails, Links, Mails, Texts};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("send-messages").await?;
    let config = Config::from_env(boot.env())?;
    let realtime = RealtimeTable::connect(boot.aws(), &config.realtime);
    let breakers: OperationsTable = realtime.beside(&config.operations);
    let accounts: AccountsTable = realtime.beside(&config.accounts);
    let clock = Clock::system();
    let gateway = TwilioTexts::new(&config.text.url, config.text.account)?;
    let codes = Codes::new(accounts.clone(), PhoneCodes::new(&config.text.code_key.0)?);
    let mut texts = Texts::new(breakers.clone(), gateway, codes);
    if let Some(after) = config.text.fallback_after {
        let sns = SnsTexts::connect(boot.aws(), boot.roots(), || clock.now())?;
        texts = texts.with_fallback(breakers.clone(), sns, after);
    }
    let mail = &config.mail;
    let mailer = SesMailer::connect(boot.aws(), &mail.from);
    let time = Machine(|| clock.now());
    let links = Links::with_key(&mail.link_key.0, &mail.link_base, &mail.api_base)?;
    let mails = Mails::new(breakers, mailer, links, time);
    let mails = LaterMails::new(mails, accounts);
    boot.open_connections(&[Service::DynamoDb]).await;
    lambda_boot::serve_schedule(async || handle(&realtime, &texts, &mails, &time).await).await
}
