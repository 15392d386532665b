//! Mails: each goes out at once where that can be, else it waits as a row, and what it is of waits for
//! nothing.

use std::fmt;

use breaker::{Guard, Refused, Share, Terms, Time};
use domain::ports::{
    Cause, CountDeliveries, Delivery, KeepSendings, Mail, ProviderError, SendMail,
};
use domain::{Channel, Notification, Sending, SendingState};
use futures::TryFutureExt;
use tracing::warn;
use wording::Told;

use crate::rows::{NotSent, health, note, note_result};
use crate::{Links, TERMS, TellError};

/// A call takes four seconds at most, as any of AWS. A batch of events is told at once.
pub const MAIL_TERMS: Terms = Terms {
    at_once: 16,
    ..TERMS
};
/// The breaker of the mail service.
pub const MAIL: &str = "mail";

/// Sends mails, as long as the mail service is well.
pub struct Mails<S, M, T> {
    pub(crate) mailer: M,
    pub(crate) guard: Guard<S>,
    pub(crate) links: Links,
    time: T,
}

impl<S: Share, M: SendMail, T: Time> Mails<S, M, T> {
    /// Mails go out by this service, lead there, and go by this clock.
    pub fn new(share: S, mailer: M, links: Links, time: T) -> Self {
        Self {
            mailer,
            guard: Guard::new(MAIL, share, MAIL_TERMS),
            links,
            time,
        }
    }

    /// The links that mails lead to.
    pub const fn links(&self) -> &Links {
        &self.links
    }

    pub(crate) async fn send(&self, mail: &Mail) -> Result<(), NotSent> {
        let call = || self.mailer.send(mail).map_err(ProviderError::from);
        self.guard.run(&self.time, call, health).await
    }

    /// Sends the mail of a notification once, or leaves it to whoever drives the rows: nothing of it is
    /// left to whoever tells. It is claimed first, because SES has no key that makes a repeat safe.
    pub(crate) async fn send_or_leave(
        &self,
        store: &(impl CountDeliveries + KeepSendings),
        (told, kept): (&Told, &Notification),
        address: &str,
    ) -> Result<(), TellError> {
        let reader = (&told.tenant, &told.reader);
        let mut sending = Sending::begun(Channel::Email, reader, kept, self.time.now());
        match store.claim(&sending.message).await? {
            Delivery::Sent | Delivery::Refused => return Ok(()),
            Delivery::First => {
                let mail = self.links.mail_of(told, address);
                let result = self.send(&mail).await;
                note_result(&mut sending, result, self.time.now());
            }
            // Whoever tried it before did not come to note what became of it, or left a row.
            Delivery::Second => sending.unknown(self.time.now()),
            Delivery::GivenUp => sending.unknown_for_good(self.time.now()),
        }
        match sending.next_try() {
            Some(_) => note(store, sending).await,
            None => note_end(store, &sending).await,
        }
    }

    /// None is claimed while nobody calls.
    async fn claim(
        &self,
        store: &impl CountDeliveries,
        message: &str,
    ) -> Result<Delivery, TellError> {
        match self.guard.shut_until(self.time.now()).await {
            Some(until) => Err(TellError::Mail(Refused::Shut { until })),
            None => Ok(store.claim(message).await?),
        }
    }

    /// Sends a mail that cannot be made anew later: it is claimed, and sent at most twice.
    ///
    /// # Errors
    /// [`TellError`]; where it may be sent again, it is by the next call.
    pub async fn deliver(
        &self,
        store: &impl CountDeliveries,
        message: &str,
        mail: &Mail,
    ) -> Result<(), TellError> {
        match self.claim(store, message).await? {
            Delivery::First => {}
            Delivery::Second => warn!(message, "sent again, possibly a duplicate"),
            Delivery::Sent | Delivery::Refused => return Ok(()),
            Delivery::GivenUp => return Err(TellError::GivenUp),
        }
        match self.send(mail).await {
            Ok(()) => Ok(store.sent(message).await?),
            Err(Refused::Failed(ProviderError::Refused(cause))) => {
                warn!(message, %cause, "the mail can never be sent");
                Ok(store.refused(message, &cause).await?)
            }
            Err(Refused::Failed(unknown @ ProviderError::Unknown(_))) => {
                Err(TellError::Mail(Refused::Failed(unknown)))
            }
            Err(not_sent) => {
                store.not_sent(message).await?;
                Err(TellError::Mail(not_sent))
            }
        }
    }
}

impl<S, M: fmt::Debug, T> fmt::Debug for Mails<S, M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Mails");
        shown.field("mailer", &self.mailer).finish_non_exhaustive()
    }
}

/// Notes how a mail ended where it is shown, and kept for good.
pub(crate) async fn note_end(
    store: &impl CountDeliveries,
    sending: &Sending,
) -> Result<(), TellError> {
    let message = &sending.message;
    let noted = match &sending.state {
        SendingState::Waiting { .. } => Ok(()),
        SendingState::Sent => store.sent(message).await,
        SendingState::Refused(why) => store.refused(message, &Cause(why.clone())).await,
        SendingState::GivenUp => store.given_up(message).await,
    };
    noted.map_err(TellError::from)
}
