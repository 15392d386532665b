//! Texts: noted where something is told, sent by whoever drives the rows. Whoever tells calls no
//! third party, so that one that hangs or is dead holds nobody up.

use std::time::Duration;

use breaker::{Guard, Health, Refused, Share, Terms, Time};
use domain::ports::{FindTexts, KeepAccounts, ProviderError, ReadNotifications, SendTexts, Text};
use domain::{Channel, Says, Sending};
use jiff::{SignedDuration, Timestamp};
use wording::{code_text, text_of};

use crate::rows::{NotSent, Outlet, health};
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

/// The ways that texts go out.
#[derive(Debug)]
pub struct Texts<S, G, F, A> {
    codes: Codes<A>,
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

impl<S: Share, G: SendTexts, F: SendTexts, A> Texts<S, G, F, A> {
    /// Texts go out by this gateway; some of them are codes.
    pub fn new(share: S, gateway: G, codes: Codes<A>) -> Self {
        Self {
            codes,
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

    /// The other way, where it has waited for the gateway long enough to go it, and the gateway has
    /// nothing against that.
    async fn other_way(&self, sending: &Sending, now: Timestamp) -> Option<&Fallback<S, F>> {
        let waited = now.duration_since(sending.since);
        let may = |it: &&Fallback<S, F>| waited >= it.after && !sending.declined;
        let other = self.fallback.as_ref().filter(may)?;
        let shut = other.guard.shut_until(now).await;
        shut.is_none().then_some(other)
    }

    async fn send_first(&self, text: &Text, time: &impl Time) -> Result<(), NotSent> {
        if let Some(until) = self.guard.shut_until(time.now()).await {
            return Err(Refused::Shut { until });
        }
        let call = || self.gateway.send_text(text);
        self.guard.run(time, call, health).await
    }
}

impl<S: Share, F: SendTexts> Fallback<S, F> {
    /// What it does not take, by its own rules, waits for the gateway.
    async fn send(&self, text: &Text, time: &impl Time) -> Result<(), NotSent> {
        let call = || self.service.send_text(text);
        let sent = self.guard.run(time, call, health).await;
        sent.map_err(|refused| match refused {
            Refused::Failed(ProviderError::Refused(why)) => {
                Refused::Failed(ProviderError::Unexpected(why))
            }
            Refused::Failed(ProviderError::Unexpected(why)) => {
                Refused::Failed(ProviderError::Down(why))
            }
            other => other,
        })
    }
}

impl<R, S, G, F, A> Outlet<R> for Texts<S, G, F, A>
where
    R: ReadNotifications,
    S: Share,
    G: SendTexts + FindTexts,
    F: SendTexts,
    A: KeepAccounts,
{
    const CHANNEL: Channel = Channel::Sms;
    const NOBODY: &'static str = "no number takes texts any more";
    const AT_ONCE: usize = 8;
    type Message = Text;

    async fn is_shut(&self, now: Timestamp) -> bool {
        if self.guard.shut_until(now).await.is_none() {
            return false;
        }
        match &self.fallback {
            Some(fallback) => fallback.guard.shut_until(now).await.is_some(),
            None => true,
        }
    }

    async fn may_go(&self, sending: &Sending, now: Timestamp) -> bool {
        if self.guard.shut_until(now).await.is_none() {
            return true;
        }
        // What may have been sent is looked up first, and only the gateway knows.
        sending.open == 0 && self.other_way(sending, now).await.is_some()
    }

    async fn made(
        &self,
        store: &R,
        sending: &Sending,
        now: Timestamp,
    ) -> Result<Option<Text>, TellError> {
        let reference = sending.reference();
        let said = match sending.says {
            Says::PhoneCode(number) => {
                let code = self.codes.code_of(sending, number, now).await?;
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

    async fn has_sent(
        &self,
        _store: &R,
        sending: &Sending,
        text: &Text,
        time: &impl Time,
    ) -> Result<bool, NotSent> {
        let since = sending.since.checked_sub(SKEW).unwrap_or(Timestamp::MIN);
        let call = || self.gateway.has_text(text, since);
        self.guard.run(time, call, readable).await
    }

    /// Who was the probe of a gateway that is still dead does not wait for the next one.
    async fn send(&self, sending: &Sending, text: &Text, time: &impl Time) -> Result<(), NotSent> {
        let result = self.send_first(text, time).await;
        let now = time.now();
        let is_left = is_down(&result)
            && !sending.may_be_twice()
            && self.guard.shut_until(now).await.is_some();
        if !is_left {
            return result;
        }
        match self.other_way(sending, now).await {
            Some(other) => other.send(text, time).await,
            None => result,
        }
    }

    /// The row is what is shown.
    async fn note_end(&self, _store: &R, _sending: &Sending) -> Result<(), TellError> {
        Ok(())
    }
}

/// Whether the gateway is down, and so sent nothing. What it answered is an answer, and no reason to
/// go another way.
const fn is_down(result: &Result<(), NotSent>) -> bool {
    matches!(
        result,
        Err(Refused::Failed(ProviderError::Down(_)) | Refused::Shut { .. })
    )
}

fn readable(found: &Result<bool, ProviderError>) -> Health {
    match found {
        Ok(_) | Err(ProviderError::Refused(_) | ProviderError::Unexpected(_)) => Health::Good,
        Err(ProviderError::Down(_) | ProviderError::Unknown(_)) => Health::BadAndSafeToRepeat,
    }
}
