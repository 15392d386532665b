//! Wiring of the `send-messages` function.

use breaker::Machine;
use dynamo_store::{AccountsTable, OperationsTable, RealtimeTable};
use identity::PhoneCodes;
use lambda_boot::{Clock, Service};
use messaging::SnsTexts;
use providers::TwilioTexts;
use send_messages::{Config, handle};
use telling::{Codes, Texts};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("send-messages").await?;
    let config = Config::from_env(boot.env())?;
    let realtime = RealtimeTable::connect(boot.aws(), &config.realtime);
    let breakers: OperationsTable = realtime.beside(&config.operations);
    let accounts: AccountsTable = realtime.beside(&config.accounts);
    let codes = Codes::new(accounts, PhoneCodes::new(&config.code_key.0)?);
    let clock = Clock::system();
    let gateway = TwilioTexts::new(&config.url, config.account)?;
    let mut texts = Texts::new(breakers.clone(), gateway);
    if let Some(after) = config.fallback_after {
        let sns = SnsTexts::connect(boot.aws(), boot.roots(), || clock.now())?;
        texts = texts.with_fallback(breakers, sns, after);
    }
    boot.open_connections(&[Service::DynamoDb]).await;
    let time = Machine(|| clock.now());
    lambda_boot::serve_schedule(async || handle(&realtime, &codes, &texts, &time).await).await
}
