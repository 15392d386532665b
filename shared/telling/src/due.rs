//! All messages of a channel that are due, at the pace of its third party.

use breaker::Time;
use domain::ports::{KeepSendings, ListSendings};
use futures::{StreamExt, stream};
use jiff::Timestamp;
use serde::Serialize;
use tracing::warn;

use crate::TellError;
use crate::rows::{Outcome, Outlet, drive};

/// Most messages of a run.
const LIMIT: u16 = 1_000;
/// Calls one by one before the others: as long as it is not known whether the third party is back.
const ONE_BY_ONE: usize = 2;

/// What a run did on one channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Driven {
    /// Messages sent.
    pub sent: u32,
    /// Of them those that may have been sent before: the earlier try has no known outcome.
    pub perhaps_twice: u32,
    /// Messages that are not sent any more: refused, or given up.
    pub ended: u32,
    /// Messages that were tried, and wait for another try.
    pub waiting: u32,
    /// Rows that could not be read or written.
    pub failed: u32,
}

impl Driven {
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
                warn!(error, "a message could not be driven");
            }
        }
    }
}

/// Sends what is due on a channel, and begins nothing after `until`. A third party that is in trouble
/// costs one look.
///
/// # Errors
/// [`TellError::Store`] where the list cannot be had.
pub async fn send_due<R: KeepSendings + ListSendings, O: Outlet<R>>(
    store: &R,
    outlet: &O,
    time: &impl Time,
    until: Timestamp,
) -> Result<Driven, TellError> {
    let mut run = Driven::default();
    let now = time.now();
    if outlet.is_shut(now).await {
        return Ok(run);
    }
    let mut due = store.sendings_due(O::CHANNEL, now, LIMIT).await?;
    let rest = due.split_off(due.len().min(ONE_BY_ONE));
    let one = async |event: String| match time.now() < until {
        true => drive(store, outlet, event, time).await,
        false => Ok(Outcome::Nothing),
    };
    for event in due {
        run.note(one(event).await);
    }
    let mut rest = stream::iter(rest).map(&one).buffer_unordered(O::AT_ONCE);
    while let Some(outcome) = rest.next().await {
        run.note(outcome);
    }
    Ok(run)
}
