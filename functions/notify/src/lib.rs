//! Tells customers by e-mail how their order ended.
//!
//! | | |
//! |---|---|
//! | trigger | queue of order events |
//! | reads, writes | the realtime table: inbox, contact rows, deliveries |
//! | emits | e-mails |
//! | fails with | Conflict (event out of order), Unavailable; the message goes back to the queue |
//! | safe to repeat because | the inbox takes each event once, and a mail is claimed before it is sent |

mod mail;

use consumer::{ConsumeError, consume};
use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::events::{Envelope, EventType, InvalidEnvelope, OrderPlaced};
use domain::ports::{
    CountDeliveries, Delivery, Inbox, KeepContacts, MailError, SendMail, StoreError,
};
use domain::{Contact, OrderId};
use lambda_boot::{ConfigError, Env};
use tracing::warn;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The realtime table.
    pub table: String,
    /// Sender of all mails.
    pub mail_from: String,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let table = read.text("REALTIME_TABLE");
        let mail_from = read.text("MAIL_FROM");
        read.finish(|| {
            Some(Self {
                table: table?,
                mail_from: mail_from?,
            })
        })
    }
}

/// What the function needs of its table.
pub trait Realtime: Inbox + KeepContacts + CountDeliveries {}
impl<S: Inbox + KeepContacts + CountDeliveries> Realtime for S {}

/// Why an event was not applied.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// The event is not what its type says.
    #[error(transparent)]
    Event(#[from] InvalidEnvelope),
    /// The subject is no order.
    #[error("the subject is no order id")]
    Subject(#[from] domain::InvalidId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The mail was not sent.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// Two tries ended without an answer: a person decides whether there is a third.
    #[error("two tries to send the mail had no known outcome")]
    GivenUp,
}

impl EdgeError for NotifyError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Event(_) | Self::Subject(_) => ErrorName::BadInput,
            Self::Store(error) => error.name(),
            Self::Mail(_) => ErrorName::Unavailable,
            Self::GivenUp => ErrorName::Internal,
        }
    }
}

/// Takes one event in.
///
/// # Errors
/// [`ConsumeError`]; the message goes back to the queue.
pub async fn handle(
    realtime: &impl Realtime,
    mailer: &impl SendMail,
    event: Envelope,
) -> Result<(), ConsumeError<NotifyError>> {
    consume(realtime, &event, || apply(realtime, mailer, &event)).await
}

async fn apply(
    realtime: &impl Realtime,
    mailer: &impl SendMail,
    event: &Envelope,
) -> Result<(), NotifyError> {
    if event.event_type == EventType::OrderPlaced.as_str() {
        return keep_contact(realtime, event).await;
    }
    let Some(words) = mail::words_for(event)? else {
        return Ok(());
    };
    let order_id = OrderId::parse(&event.subject)?;
    match realtime.contact(order_id).await? {
        Some(contact) => deliver(realtime, mailer, &event.id, words.to(&contact)).await,
        None => Ok(()),
    }
}

/// Only `OrderPlaced` says where messages go; the rest of the order's life needs it.
async fn keep_contact(realtime: &impl Realtime, event: &Envelope) -> Result<(), NotifyError> {
    let placed: OrderPlaced = event.data()?;
    if let Some(contact) = placed.contact {
        let order_id = OrderId::parse(&placed.order_id)?;
        let contact = Contact {
            email: contact.email,
        };
        realtime.put_contact(order_id, &contact).await?;
    }
    Ok(())
}

/// SES has no key that makes a repeat safe: a mail is claimed first, and sent at most twice.
async fn deliver(
    realtime: &impl Realtime,
    mailer: &impl SendMail,
    message: &str,
    mail: domain::ports::Mail,
) -> Result<(), NotifyError> {
    match realtime.claim(message).await? {
        Delivery::First => {}
        Delivery::Second => warn!(message, "sent again, possibly a duplicate"),
        Delivery::Sent => return Ok(()),
        Delivery::GivenUp => return Err(NotifyError::GivenUp),
    }
    match mailer.send(&mail).await {
        Ok(()) => Ok(realtime.sent(message).await?),
        Err(MailError::Refused(cause)) => {
            warn!(message, %cause, "the mail can never be sent");
            Ok(realtime.sent(message).await?)
        }
        Err(MailError::NotSent(cause)) => {
            realtime.not_sent(message).await?;
            Err(MailError::NotSent(cause).into())
        }
        Err(unknown @ MailError::Unknown(_)) => Err(unknown.into()),
    }
}

#[cfg(test)]
mod tests;
