//! Sends the texts that are due, at the pace of their gateway.
//!
//! | | |
//! |---|---|
//! | trigger | every minute |
//! | reads | the accounts table, consistently, for codes |
//! | reads, writes | the realtime table: texts to be sent, lists of notifications; breakers in the operations table |
//! | emits | texts, to the gateway, or by SNS where it is dead for long |
//! | fails with | Unavailable, when the list cannot be had; the next minute tries again |
//! | safe to repeat because | a row is claimed before the call, and what may have been sent is looked up first |
//!
//! A gateway that is down costs a look and a call a minute, with the other way on also the list of what
//! is due and each of its rows; what waits is kept, and goes out when it is back.

use breaker::{Share, Time};
use contracts::http::Secret;
use domain::ports::{
    FindTexts, KeepAccounts, KeepSendings, ListSendings, ReadNotifications, SendTexts,
};
use jiff::{SignedDuration, Timestamp};
use lambda_boot::{ConfigError, Env};
use providers::TextAccount;
use telling::{Codes, TellError, Texted, Texts, send_due};

/// Nothing is begun later than so many seconds after the beginning: a look-up and a text take some
/// twenty at most, each with its repeat, and the function has 55.
const BEGIN_WITHIN: i64 = 30;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The realtime table.
    pub realtime: String,
    /// The accounts table: codes go to the number that an account says.
    pub accounts: String,
    /// The operations table, with the breakers.
    pub operations: String,
    /// The key of texted codes, in hexadecimal digits.
    pub code_key: Secret,
    /// Where the gateway is.
    pub url: String,
    /// What it knows us by.
    pub account: TextAccount,
    /// Texts that have waited so long go out by SNS while the gateway is not called; none do where
    /// that is 0.
    pub fallback_after: Option<SignedDuration>,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let realtime = read.text("REALTIME_TABLE");
        let accounts = read.text("ACCOUNTS_TABLE");
        let operations = read.text("OPERATIONS_TABLE");
        let code_key = read.text("CODE_KEY");
        let url = read.text("SMS_URL");
        let sid = read.text("SMS_ACCOUNT");
        let token = read.text("SMS_TOKEN");
        let from = read.text("SMS_FROM");
        // 0 for never.
        let fallback: Option<u32> = read.parsed("SMS_FALLBACK_AFTER");
        read.finish(|| {
            let account = TextAccount {
                sid: sid?,
                token: Secret(token?),
                from: from?,
            };
            let seconds = Some(i64::from(fallback?)).filter(|seconds| *seconds > 0);
            Some(Self {
                realtime: realtime?,
                accounts: accounts?,
                operations: operations?,
                code_key: Secret(code_key?),
                url: url?,
                account,
                fallback_after: seconds.map(SignedDuration::from_secs),
            })
        })
    }
}

/// What the function needs of its table.
pub trait Realtime: KeepSendings + ListSendings + ReadNotifications {}
impl<S: KeepSendings + ListSendings + ReadNotifications> Realtime for S {}

/// Sends what is due.
///
/// # Errors
/// [`TellError`].
pub async fn handle<S: Share, G: SendTexts + FindTexts, F: SendTexts>(
    realtime: &impl Realtime,
    codes: &Codes<impl KeepAccounts>,
    texts: &Texts<S, G, F>,
    time: &impl Time,
) -> Result<Texted, TellError> {
    let within = SignedDuration::from_secs(BEGIN_WITHIN);
    let until = time.now().checked_add(within).unwrap_or(Timestamp::MAX);
    send_due(realtime, codes, texts, time, until).await
}

#[cfg(test)]
mod tests;
