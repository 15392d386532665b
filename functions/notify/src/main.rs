//! Wiring of the `notify` function.

use dynamo_store::RealtimeTable;
use mailer::SesMailer;
use notify::{Config, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_boot::Error> {
    let boot = lambda_boot::start("notify").await?;
    let config = Config::from_env(boot.env())?;
    let realtime = RealtimeTable::connect(boot.aws(), &config.table);
    let mailer = SesMailer::connect(boot.aws(), &config.mail_from);
    lambda_boot::serve_queue(async |event| handle(&realtime, &mailer, event).await).await
}
