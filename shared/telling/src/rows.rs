//! Messages that wait as rows for a third party: each try is claimed before the call, what was not sent
//! is tried again after a pause that grows, and what may have been sent is sent once more at most.

use std::future::Future;

use breaker::{Health, Refused, Time};
use domain::ports::{KeepSendings, ProviderError, SaveError};
use domain::{Channel, Sending, Step};
use jiff::Timestamp;
use tracing::{error, warn};

use crate::TellError;

/// Why a message was not sent.
pub type NotSent = Refused<ProviderError>;

/// A channel whose messages wait as rows, and the third party at its end. `R` is where lists and
/// whatever else is needed to make a message are kept.
pub trait Outlet<R> {
    /// Which one.
    const CHANNEL: Channel;
    /// Why a message is not sent any more that nobody is to get.
    const NOBODY: &'static str;
    /// Calls at once.
    const AT_ONCE: usize;
    /// What goes out.
    type Message;

    /// Whether nothing can go out now, however long it has waited.
    fn is_shut(&self, now: Timestamp) -> impl Future<Output = bool>;

    /// Whether this one can go out now.
    fn may_go(&self, sending: &Sending, now: Timestamp) -> impl Future<Output = bool>;

    /// The message as it is now; none where its reader is gone, or does not want it any more.
    ///
    /// # Errors
    /// [`TellError::Store`].
    fn made(
        &self,
        store: &R,
        sending: &Sending,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Self::Message>, TellError>>;

    /// Whether an earlier try sent it, as far as the third party can say.
    ///
    /// # Errors
    /// [`NotSent`]: then nobody knows.
    fn has_sent(
        &self,
        store: &R,
        sending: &Sending,
        message: &Self::Message,
        time: &impl Time,
    ) -> impl Future<Output = Result<bool, NotSent>>;

    /// Sends it.
    ///
    /// # Errors
    /// [`NotSent`].
    fn send(
        &self,
        sending: &Sending,
        message: &Self::Message,
        time: &impl Time,
    ) -> impl Future<Output = Result<(), NotSent>>;

    /// Notes how it ended wherever else that is shown; before its row is ended, and perhaps again.
    ///
    /// # Errors
    /// [`TellError::Store`].
    fn note_end(&self, store: &R, sending: &Sending)
    -> impl Future<Output = Result<(), TellError>>;
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was sent.
    Sent,
    /// It was sent, and may have been before.
    SentAgain,
    /// It is not sent any more: refused, or given up.
    Ended,
    /// It waits for another try.
    Waits,
    /// Nothing was done: the third party is in trouble, or somebody else has the row.
    Nothing,
}

/// Notes that it is to be sent; again, nothing happens.
///
/// # Errors
/// [`TellError::Store`].
pub(crate) async fn note(store: &impl KeepSendings, sending: Sending) -> Result<(), TellError> {
    match store.save_sending(sending).await {
        // One that is there has come as far, or further.
        Ok(_) | Err(SaveError::Conflict(_)) => Ok(()),
        Err(SaveError::Store(error)) => Err(error.into()),
    }
}

/// Does what comes next with the message of an event.
///
/// # Errors
/// [`TellError::Store`]; the row has its next try all the same, unless it has ended.
pub(crate) async fn drive<R: KeepSendings, O: Outlet<R>>(
    store: &R,
    outlet: &O,
    event: String,
    time: &impl Time,
) -> Result<Outcome, TellError> {
    let now = time.now();
    if outlet.is_shut(now).await {
        return Ok(Outcome::Nothing);
    }
    let found = store.sendings(O::CHANNEL, &[event]).await?.pop();
    let Some(mut sending) = found.filter(|it| it.step(now) != Step::Nothing) else {
        return Ok(Outcome::Nothing);
    };
    if !outlet.may_go(&sending, now).await {
        return Ok(Outcome::Nothing);
    }
    let Some(message) = outlet.made(store, &sending, now).await? else {
        match sending.open {
            0 => sending.refused(O::NOBODY),
            _ => sending.give_up(),
        }
        return ended(store, outlet, sending, Outcome::Ended).await;
    };
    match sending.step(now) {
        Step::LookUp => look_up(store, outlet, (sending, &message), time).await,
        _ => attempt(store, outlet, (sending, &message), time).await,
    }
}

/// An earlier try has no known outcome: only what is not found is sent again.
async fn look_up<R: KeepSendings, O: Outlet<R>>(
    store: &R,
    outlet: &O,
    (mut sending, message): (Sending, &O::Message),
    time: &impl Time,
) -> Result<Outcome, TellError> {
    match outlet.has_sent(store, &sending, message, time).await {
        Ok(true) => {
            sending.sent();
            let outcome = sent(&sending);
            ended(store, outlet, sending, outcome).await
        }
        Ok(false) => attempt(store, outlet, (sending, message), time).await,
        Err(Refused::Shut { .. } | Refused::Busy) => Ok(Outcome::Nothing),
        Err(Refused::Failed(error)) => {
            told(&sending, &error);
            sending.later(time.now());
            ended(store, outlet, sending, Outcome::Waits).await
        }
    }
}

/// Claims the row before the call: whatever happens then, it counts.
async fn attempt<R: KeepSendings, O: Outlet<R>>(
    store: &R,
    outlet: &O,
    (mut sending, message): (Sending, &O::Message),
    time: &impl Time,
) -> Result<Outcome, TellError> {
    let channel = O::CHANNEL.name();
    if !sending.begin(time.now()) {
        // The field is what the alarm looks for.
        let message = &sending.message;
        error!(needs_attention = true, %message, channel, "two tries had no known outcome");
        return ended(store, outlet, sending, Outcome::Ended).await;
    }
    let mut sending = match store.save_sending(sending).await {
        Ok(sending) => sending,
        Err(SaveError::Conflict(_)) => return Ok(Outcome::Nothing),
        Err(SaveError::Store(error)) => return Err(error.into()),
    };
    if sending.may_be_twice() {
        let message = &sending.message;
        warn!(%message, channel, "sent again, possibly a duplicate");
    }
    let result = outlet.send(&sending, message, time).await;
    let now = time.now();
    let outcome = note_result(&mut sending, result, now);
    note_overdue(&sending, now);
    ended(store, outlet, sending, outcome).await
}

fn note_overdue(sending: &Sending, now: Timestamp) {
    if sending.is_overdue(now) {
        // The field is what the alarm looks for.
        let (message, channel) = (&sending.message, sending.channel.name());
        error!(needs_attention = true, %message, channel, "it has waited for an hour or more");
    }
}

const fn sent(sending: &Sending) -> Outcome {
    match sending.may_be_twice() {
        true => Outcome::SentAgain,
        false => Outcome::Sent,
    }
}

/// What a try says of its row.
pub(crate) fn note_result(
    sending: &mut Sending,
    result: Result<(), NotSent>,
    now: Timestamp,
) -> Outcome {
    match result {
        Ok(()) => {
            sending.sent();
            return sent(sending);
        }
        Err(Refused::Failed(error)) => {
            told(sending, &error);
            match error {
                ProviderError::Refused(cause) => {
                    sending.refused(&cause.0);
                    return Outcome::Ended;
                }
                ProviderError::Unknown(_) => sending.unknown(now),
                ProviderError::Unexpected(_) => sending.declined(now),
                ProviderError::Down(_) => sending.not_sent(now),
            }
        }
        Err(Refused::Shut { until }) => sending.not_tried(until),
        Err(Refused::Busy) => sending.not_tried(now),
    }
    Outcome::Waits
}

/// Stores how it stands; what ends is noted elsewhere first, because nobody comes back to its row. Who had the row for too long finds that somebody else went on with it.
async fn ended<R: KeepSendings, O: Outlet<R>>(
    store: &R,
    outlet: &O,
    sending: Sending,
    outcome: Outcome,
) -> Result<Outcome, TellError> {
    if sending.next_try().is_none() {
        outlet.note_end(store, &sending).await?;
    }
    match store.save_sending(sending).await {
        Ok(_) => Ok(outcome),
        Err(SaveError::Conflict(_)) => Ok(Outcome::Nothing),
        Err(SaveError::Store(error)) => Err(error.into()),
    }
}

fn told(sending: &Sending, error: &ProviderError) {
    let (message, channel) = (&sending.message, sending.channel.name());
    let error = error as &dyn std::error::Error;
    warn!(%message, channel, error, "it was not sent");
}

/// A refusal is an answer, whatever it is about: what is wrong with one message opens no breaker. What
/// was certainly not sent may be sent again.
pub(crate) fn health(sent: &Result<(), ProviderError>) -> Health {
    match sent {
        Ok(()) | Err(ProviderError::Refused(_) | ProviderError::Unexpected(_)) => Health::Good,
        Err(ProviderError::Down(_)) => Health::BadAndSafeToRepeat,
        Err(ProviderError::Unknown(_)) => Health::Bad,
    }
}
