//! Sends the texts and mails that are due, at the pace of those who take them.
//!
//! | | |
//! |---|---|
//! | trigger | every minute |
//! | reads | the realtime table: lists of notifications, contact rows; the accounts table, consistently: where codes and news of courses go |
//! | reads, writes | the realtime table: messages to be sent, deliveries; breakers in the operations table |
//! | emits | texts, to the gateway, or by SNS where it is dead for long; mails that could not go out at once |
//! | fails with | Unavailable, when a list of what is due, or one of its rows, cannot be had; the next minute tries again |
//! | safe to repeat because | a row is claimed before the call, and what may have been sent is looked up first, or sent once more at most |
//!
//! A third party that is down costs a look and a call a minute, with the other way of texts on also the
//! list of what is due and each of its rows; what waits is kept, and goes out when it is back.

use breaker::Time;
use contracts::http::Secret;
use domain::ports::{KeepSendings, ListSendings};
use futures::future::join;
use jiff::{SignedDuration, Timestamp};
use lambda_boot::{ConfigError, Env, MailSettings};
use providers::TextAccount;
use serde::Serialize;
use telling::{Driven, Outlet, TellError, send_due};

/// Nothing is begun later than so many seconds after the beginning: a look-up and a text take some
/// twenty at most, each with its repeat, and the function has 55.
const BEGIN_WITHIN: i64 = 30;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The accounts table.
    pub accounts: String,
    /// The realtime table.
    pub realtime: String,
    /// The operations table, with the breakers.
    pub operations: String,
    /// Mails.
    pub mail: MailSettings,
    /// Texts.
    pub text: TextConfig,
}

/// What texts are sent with.
#[derive(Clone, Debug)]
pub struct TextConfig {
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
        let accounts = read.text("ACCOUNTS_TABLE");
        let realtime = read.text("REALTIME_TABLE");
        let operations = read.text("OPERATIONS_TABLE");
        let mail = read.mail();
        let [code_key, url, sid, token, sender] = [
            "CODE_KEY",
            "SMS_URL",
            "SMS_ACCOUNT",
            "SMS_TOKEN",
            "SMS_FROM",
        ]
        .map(|name| read.text(name));
        // 0 for never.
        let fallback: Option<u32> = read.parsed("SMS_FALLBACK_AFTER");
        read.finish(|| {
            let account = TextAccount {
                sid: sid?,
                token: Secret(token?),
                from: sender?,
            };
            let seconds = Some(i64::from(fallback?)).filter(|seconds| *seconds > 0);
            let text = TextConfig {
                code_key: Secret(code_key?),
                url: url?,
                account,
                fallback_after: seconds.map(SignedDuration::from_secs),
            };
            Some(Self {
                accounts: accounts?,
                realtime: realtime?,
                operations: operations?,
                mail: mail?,
                text,
            })
        })
    }
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ran {
    /// With texts.
    pub texts: Driven,
    /// With mails.
    pub mails: Driven,
}

/// Sends what is due, on both channels at once: neither waits for the other. A row that fails holds up no
/// other; it is said at the end.
///
/// # Errors
/// [`TellError`].
pub async fn handle<R: KeepSendings + ListSendings>(
    realtime: &R,
    texts: &impl Outlet<R>,
    mails: &impl Outlet<R>,
    time: &impl Time,
) -> Result<Ran, TellError> {
    let within = SignedDuration::from_secs(BEGIN_WITHIN);
    let until = time.now().checked_add(within).unwrap_or(Timestamp::MAX);
    let mails = send_due(realtime, mails, time, until);
    let texts = send_due(realtime, texts, time, until);
    let (mails, texts) = join(mails, texts).await;
    let ran = Ran {
        texts: texts?,
        mails: mails?,
    };
    match ran.texts.failed + ran.mails.failed {
        0 => Ok(ran),
        failed => Err(TellError::Rows(failed)),
    }
}

#[cfg(test)]
mod tests;
