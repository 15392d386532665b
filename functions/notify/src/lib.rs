//! Tells customers by e-mail how their order ended and what went back of their money, and mails them the links of their account.
//!
//! | | |
//! |---|---|
//! | trigger | queue of events of orders and accounts |
//! | reads, writes | the realtime table: inbox, contact rows, deliveries |
//! | emits | e-mails |
//! | fails with | Conflict (two events of an order at once), Unavailable; the message goes back to the queue |
//! | safe to repeat because | the inbox takes each event of an order once, in its turn, and every mail is claimed before it is sent |

mod account;
mod mail;

use consumer::{ConsumeError, consume};
use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::events::{Envelope, EventType, InvalidEnvelope, OrderPlaced};
use contracts::http::Secret;
use domain::ports::{
    CountDeliveries, Delivery, Inbox, KeepContacts, MailError, SendMail, StoreError,
};
use domain::{AggregateKind, Contact, OrderId, Sequence};
use identity::{LinkKeyError, LinkTokens};
use jiff::Timestamp;
use lambda_boot::{ConfigError, Env};
use tracing::warn;

pub use account::Links;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The realtime table.
    pub table: String,
    /// Sender of all mails.
    pub mail_from: String,
    /// The key of mailed links, in hexadecimal digits.
    pub link_key: Secret,
    /// Where the pages are that mailed links lead to, without a slash at its end.
    pub link_base: String,
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
        let link_key = read.text("LINK_KEY");
        let link_base = read.text("LINK_BASE");
        read.finish(|| {
            Some(Self {
                table: table?,
                mail_from: mail_from?,
                link_key: Secret(link_key?),
                link_base: link_base?,
            })
        })
    }

    /// What makes links.
    ///
    /// # Errors
    /// [`LinkKeyError`].
    pub fn links(&self) -> Result<Links, LinkKeyError> {
        let (key, base) = (&self.link_key.0, &self.link_base);
        Ok(Links::new(LinkTokens::new(key)?, base))
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
    /// The subject is no id of ours.
    #[error("the subject is no id")]
    Subject(#[from] domain::InvalidId),
    /// A link is for something that we do not know.
    #[error("no known purpose of a link")]
    Purpose,
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
            Self::Event(_) | Self::Subject(_) | Self::Purpose => ErrorName::BadInput,
            Self::Store(error) => error.name(),
            Self::Mail(_) => ErrorName::Unavailable,
            Self::GivenUp => ErrorName::Internal,
        }
    }
}

/// Whether the messages of this group go through the inbox: those of orders. Of what is told of an
/// account the last one counts, so none may be mailed before those in front of it.
pub fn has_inbox(group: &str) -> bool {
    let order = AggregateKind::Order.name();
    let rest = group.strip_prefix(order);
    rest.is_some_and(|rest| rest.starts_with('/'))
}

/// Takes one event in.
///
/// # Errors
/// [`ConsumeError`]; the message goes back to the queue.
pub async fn handle(
    realtime: &impl Realtime,
    mailer: &impl SendMail,
    links: &Links,
    event: Envelope,
    now: Timestamp,
) -> Result<(), ConsumeError<NotifyError>> {
    // The newest event of an account says everything: none is waited for.
    if event.aggregate_kind() == AggregateKind::Account.name() {
        let sequence = Sequence(event.sequence);
        let told = tell_owner(realtime, mailer, links, &event).await;
        return told.map_err(|error| ConsumeError::Apply { sequence, error });
    }
    let apply = async |event| apply(realtime, mailer, &event).await;
    consume(realtime, event, now, apply).await
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

async fn tell_owner(
    realtime: &impl Realtime,
    mailer: &impl SendMail,
    links: &Links,
    event: &Envelope,
) -> Result<(), NotifyError> {
    for (message, mail) in account::mails_for(event, links)? {
        deliver(realtime, mailer, &message, mail).await?;
    }
    Ok(())
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
