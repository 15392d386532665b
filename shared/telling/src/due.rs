//! All texts that are due, at the pace of the gateway.

use breaker::{Share, Time};
use domain::Channel;
use domain::ports::{
    FindTexts, KeepAccounts, KeepSendings, ListSendings, ReadNotifications, SendTexts,
};
use futures::{StreamExt, stream};
use jiff::Timestamp;
use serde::Serialize;
use tracing::warn;

use crate::texts::{Outcome, Texts};
use crate::{Codes, TellError};

/// Most texts of a run.
const LIMIT: u16 = 1_000;
/// Calls at once.
const AT_ONCE: usize = 8;
/// Calls one by one before that: as long as it is not known whether the gateway is back.
const ONE_BY_ONE: usize = 2;

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Texted {
    /// Texts sent.
    pub sent: u32,
    /// Of them those that may have been sent before: the earlier try has no known outcome.
    pub perhaps_twice: u32,
    /// Texts that are not sent any more: refused, or given up.
    pub ended: u32,
    /// Texts that were tried, and wait for another try.
    pub waiting: u32,
    /// Rows that could not be read or written.
    pub failed: u32,
}

impl Texted {
    fn note(&mut self, outcome: Result<Outcome, TellError>) {
        match outcome {
            Ok(Outcome::Sent) => self.sent += 1,
            Ok(Outcome::SentAgain) => {
                self.sent += 1;
                self.perhaps_twice += 1;
            }
            Ok(Outcome::Ended) => self.ended += 1,
            Ok(Outcome::Waits) => self.waiting += 1,
            Ok(Outcome::Nothing) => {}
            Err(error) => {
                self.failed += 1;
                let error = &error as &dyn std::error::Error;
                warn!(error, "a text could not be driven");
            }
        }
    }
}

/// Sends what is due, and begins nothing after `until`. A gateway that is in trouble costs one look.
///
/// # Errors
/// [`TellError::Store`] where the list cannot be had.
pub async fn send_due<S: Share, G: SendTexts + FindTexts, F: SendTexts>(
    store: &(impl KeepSendings + ListSendings + ReadNotifications),
    codes: &Codes<impl KeepAccounts>,
    texts: &Texts<S, G, F>,
    time: &impl Time,
    until: Timestamp,
) -> Result<Texted, TellError> {
    let mut run = Texted::default();
    let now = time.now();
    if texts.is_shut(now).await {
        return Ok(run);
    }
    let mut due = store.sendings_due(Channel::Sms, now, LIMIT).await?;
    let rest = due.split_off(due.len().min(ONE_BY_ONE));
    let one = async |message: String| match time.now() < until {
        true => texts.drive(store, codes, message, time).await,
        false => Ok(Outcome::Nothing),
    };
    for message in due {
        run.note(one(message).await);
    }
    let mut rest = stream::iter(rest).map(&one).buffer_unordered(AT_ONCE);
    while let Some(outcome) = rest.next().await {
        run.note(outcome);
    }
    Ok(run)
}
