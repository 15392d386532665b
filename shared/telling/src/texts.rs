//! Texts: noted where something is told, sent by whoever drives the rows. Whoever tells calls no
//! third party, so that one that hangs or is dead holds nobody up.

use std::time::Duration;

use breaker::{Guard, Health, Refused, Share, Terms, Time};
use domain::ports::{
    FindTexts, KeepAccounts, KeepSendings, ProviderError, ReadNotifications, SaveError, SendTexts,
    Text,
};
use domain::{Channel, Says, Sending, Step};
use jiff::{SignedDuration, Timestamp};
use tracing::warn;
use wording::{code_text, text_of};

use crate::{Codes, TellError};

/// A call takes two seconds at most. Nobody waits for its answer, and messages wait as rows, so that
/// a gateway that is down is asked once a minute whether it is back.
pub const TERMS: Terms = Terms {
    window: Duration::from_secs(60),
    failures: 5,
    slow: Duration::from_millis(1_500),
    pause: Duration::from_secs(10),
    longest_pause: Duration::from_secs(60),
    probe: Duration::from_secs(15),
    closes_after: 2,
    at_once: 8,
};
/// Its breaker.
pub const GATEWAY: &str = "sms";
/// The breaker of the other way.
pub const FALLBACK: &str = "sms-fallback";

/// So much the clock of the gateway may be behind.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// Why somebody is not texted who wanted to be.
const NOBODY: &str = "no number takes texts any more";

/// The ways that texts go out.
#[derive(Debug)]
pub struct Texts<S, G, F> {
    gateway: G,
    guard: Guard<S>,
    fallback: Option<Fallback<S, F>>,
}

/// The way where the first is dead.
#[derive(Debug)]
struct Fallback<S, F> {
    service: F,
    guard: Guard<S>,
    /// For texts that have waited so long.
    after: SignedDuration,
}

/// How a text may go out now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Gateway,
    Fallback,
    /// Not at all.
    Shut,
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
    /// Nothing was done: the gateway is in trouble, or somebody else has the row.
    Nothing,
}

/// Notes that it is to be sent as a text; again, nothing happens.
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

impl<S: Share, G: SendTexts + FindTexts, F: SendTexts> Texts<S, G, F> {
    /// Texts go out by this gateway.
    pub fn new(share: S, gateway: G) -> Self {
        Self {
            gateway,
            guard: Guard::new(GATEWAY, share, TERMS),
            fallback: None,
        }
    }

    /// Where the gateway is not called, those that have waited so long, and were certainly not sent,
    /// go out by another service.
    #[must_use]
    pub fn with_fallback(mut self, share: S, service: F, after: SignedDuration) -> Self {
        self.fallback = Some(Fallback {
            service,
            guard: Guard::new(FALLBACK, share, TERMS),
            after,
        });
        self
    }

    /// Whether no text can go out now, however long it has waited.
    pub(crate) async fn is_shut(&self, now: Timestamp) -> bool {
        if self.guard.shut_until(now).await.is_none() {
            return false;
        }
        match &self.fallback {
            Some(fallback) => fallback.guard.shut_until(now).await.is_some(),
            None => true,
        }
    }

    async fn way(&self, sending: &Sending, now: Timestamp) -> Way {
        if self.guard.shut_until(now).await.is_none() {
            return Way::Gateway;
        }
        // What may have been sent is looked up first, and only the gateway knows.
        match sending.open == 0 && self.has_other_way(sending, now).await {
            true => Way::Fallback,
            false => Way::Shut,
        }
    }

    /// Whether it has waited for the gateway long enough to go another way, and the gateway has
    /// nothing against it.
    async fn has_other_way(&self, sending: &Sending, now: Timestamp) -> bool {
        let waited = now.duration_since(sending.since);
        let may = |it: &&Fallback<S, F>| waited >= it.after && !sending.declined;
        match self.fallback.as_ref().filter(may) {
            Some(other) => other.guard.shut_until(now).await.is_none(),
            None => false,
        }
    }

    /// Whether the gateway is not called now, and there is another way.
    async fn is_left(&self, sending: &Sending, now: Timestamp) -> bool {
        self.guard.shut_until(now).await.is_some() && self.has_other_way(sending, now).await
    }

    async fn send(
        &self,
        way: Way,
        text: &Text,
        time: &impl Time,
    ) -> Result<(), Refused<ProviderError>> {
        match (way, &self.fallback) {
            (Way::Fallback, Some(other)) => {
                let call = || other.service.send_text(text);
                other.guard.run(time, call, health).await
            }
            _ => {
                let call = || self.gateway.send_text(text);
                self.guard.run(time, call, health).await
            }
        }
    }

    /// Does what comes next with the text of an event, which may be a code.
    ///
    /// # Errors
    /// [`TellError::Store`]; the row has its next try all the same.
    pub(crate) async fn drive(
        &self,
        store: &(impl KeepSendings + ReadNotifications),
        codes: &Codes<impl KeepAccounts>,
        message: String,
        time: &impl Time,
    ) -> Result<Outcome, TellError> {
        let now = time.now();
        if self.is_shut(now).await {
            return Ok(Outcome::Nothing);
        }
        let found = store.sendings(Channel::Sms, &[message]).await?.pop();
        let Some(mut sending) = found.filter(|it| it.step(now) != Step::Nothing) else {
            return Ok(Outcome::Nothing);
        };
        let way = self.way(&sending, now).await;
        if way == Way::Shut {
            return Ok(Outcome::Nothing);
        }
        let Some(text) = made(store, codes, &sending, now).await? else {
            sending.refused(NOBODY);
            return ended(store, sending, Outcome::Ended).await;
        };
        match sending.step(now) {
            Step::LookUp => self.look_up(store, sending, &text, time).await,
            _ => self.attempt(store, (sending, way), &text, time).await,
        }
    }

    /// An earlier try has no known outcome: only what is not found is sent again.
    async fn look_up(
        &self,
        store: &impl KeepSendings,
        mut sending: Sending,
        text: &Text,
        time: &impl Time,
    ) -> Result<Outcome, TellError> {
        let since = sending.since.checked_sub(SKEW).unwrap_or(Timestamp::MIN);
        let call = || self.gateway.has_text(text, since);
        match self.guard.run(time, call, readable).await {
            Ok(true) => {
                sending.sent();
                let outcome = sent(&sending);
                ended(store, sending, outcome).await
            }
            Ok(false) => {
                self.attempt(store, (sending, Way::Gateway), text, time)
                    .await
            }
            Err(Refused::Shut { .. } | Refused::Busy) => Ok(Outcome::Nothing),
            Err(Refused::Failed(error)) => {
                told(&sending, &error);
                sending.later(time.now());
                ended(store, sending, Outcome::Waits).await
            }
        }
    }

    /// Claims the row before the call: whatever happens then, it counts.
    async fn attempt(
        &self,
        store: &impl KeepSendings,
        (mut sending, mut way): (Sending, Way),
        text: &Text,
        time: &impl Time,
    ) -> Result<Outcome, TellError> {
        if !sending.begin(time.now()) {
            return ended(store, sending, Outcome::Ended).await;
        }
        let mut sending = match store.save_sending(sending).await {
            Ok(sending) => sending,
            Err(SaveError::Conflict(_)) => return Ok(Outcome::Nothing),
            Err(SaveError::Store(error)) => return Err(error.into()),
        };
        if sending.may_be_twice() {
            let message = &sending.message;
            warn!(%message, channel = "sms", "sent again, possibly a duplicate");
        }
        let mut result = self.send(way, text, time).await;
        // Who was the probe of a gateway that is still dead does not wait for the next one.
        let is_first = way == Way::Gateway && !sending.may_be_twice();
        if is_first && is_down(&result) && self.is_left(&sending, time.now()).await {
            way = Way::Fallback;
            result = self.send(way, text, time).await;
        }
        let outcome = note_result((&mut sending, way), result, time.now());
        ended(store, sending, outcome).await
    }
}

/// Whether the gateway is down, and so sent nothing. What it answered is an answer, and no reason to
/// go another way.
const fn is_down(result: &Result<(), Refused<ProviderError>>) -> bool {
    matches!(
        result,
        Err(Refused::Failed(ProviderError::Down(_)) | Refused::Shut { .. })
    )
}

const fn sent(sending: &Sending) -> Outcome {
    match sending.may_be_twice() {
        true => Outcome::SentAgain,
        false => Outcome::Sent,
    }
}

/// What a try says of its row.
fn note_result(
    (sending, way): (&mut Sending, Way),
    result: Result<(), Refused<ProviderError>>,
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
                ProviderError::Refused(cause) if way == Way::Gateway => {
                    sending.refused(&cause.0);
                    return Outcome::Ended;
                }
                // What the other way does not take, by its own rules, waits for the gateway.
                ProviderError::Refused(_) => sending.declined(now),
                ProviderError::Unknown(_) => sending.unknown(now),
                ProviderError::Unexpected(_) if way == Way::Gateway => sending.declined(now),
                ProviderError::Down(_) | ProviderError::Unexpected(_) => sending.not_sent(now),
            }
        }
        Err(Refused::Shut { until }) => sending.not_tried(until),
        Err(Refused::Busy) => sending.not_tried(now),
    }
    Outcome::Waits
}

/// Stores how it stands. Who had the row for too long finds that somebody else went on with it.
async fn ended(
    store: &impl KeepSendings,
    sending: Sending,
    outcome: Outcome,
) -> Result<Outcome, TellError> {
    match store.save_sending(sending).await {
        Ok(_) => Ok(outcome),
        Err(SaveError::Conflict(_)) => Ok(Outcome::Nothing),
        Err(SaveError::Store(error)) => Err(error.into()),
    }
}

/// The text as it is now; none where its reader is gone, or takes no texts any more.
async fn made(
    store: &impl ReadNotifications,
    codes: &Codes<impl KeepAccounts>,
    sending: &Sending,
    now: Timestamp,
) -> Result<Option<Text>, TellError> {
    let reference = sending.reference();
    let said = match sending.says {
        Says::PhoneCode(number) => {
            let code = codes.code_of(sending, number, now).await?;
            code.map(|(to, code)| (to, code_text(&code, &reference)))
        }
        Says::Notification(number) => {
            let reader = (&sending.tenant, &sending.reader);
            let Some(to) = store.list_of(reader).await?.reach.texts_to else {
                return Ok(None);
            };
            let found = store.notifications(reader, number, 1).await?;
            let notice = found.first().map(|it| &it.notice);
            notice.map(|notice| (to, text_of(notice, &reference)))
        }
    };
    Ok(said.map(|(to, body)| Text {
        to,
        body,
        reference,
    }))
}

fn told(sending: &Sending, error: &ProviderError) {
    let (message, error) = (&sending.message, error as &dyn std::error::Error);
    warn!(%message, channel = "sms", error, "the text was not sent");
}

/// A refusal is an answer, whatever it is about: bad numbers open no breaker. What was certainly not
/// sent may be sent again.
fn health(sent: &Result<(), ProviderError>) -> Health {
    match sent {
        Ok(()) | Err(ProviderError::Refused(_) | ProviderError::Unexpected(_)) => Health::Good,
        Err(ProviderError::Down(_)) => Health::BadAndSafeToRepeat,
        Err(ProviderError::Unknown(_)) => Health::Bad,
    }
}

fn readable(found: &Result<bool, ProviderError>) -> Health {
    match found {
        Ok(_) | Err(ProviderError::Refused(_) | ProviderError::Unexpected(_)) => Health::Good,
        Err(ProviderError::Down(_) | ProviderError::Unknown(_)) => Health::BadAndSafeToRepeat,
    }
}
