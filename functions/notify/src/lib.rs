//! Tells people what became of their orders and of their account: in a list that is theirs, and by
//! mail, as far as they want; and mails them the links of their account. Texts are only noted, and so
//! are mails of a list while the mail service is in trouble: `send-messages` sends them.
//!
//! | | |
//! |---|---|
//! | trigger | queue of events of orders and accounts |
//! | reads, writes | the realtime table: inbox, contact rows, lists of notifications, deliveries, messages to be sent; the breaker of mail in the operations table |
//! | emits | e-mails |
//! | fails with | Conflict (two events of an order at once), Unavailable; the message goes back to the queue |
//! | safe to repeat because | the inbox takes each event of an order once, in its turn; a list takes each event once; every mail is claimed before it is sent |

mod account;

use breaker::{Share, Time};
use consumer::{ConsumeError, consume};
use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::events::{AccountChanged, Envelope, EventType, InvalidEnvelope, OrderPlaced};
use domain::ports::{
    CountDeliveries, Inbox, KeepContacts, KeepNotifications, KeepSendings, SendMail, StoreError,
};
use domain::{AggregateKind, Contact, CustomerId, OrderId, Reach, Sequence, TenantId};
use jiff::Timestamp;
use lambda_boot::{ConfigError, Env, MailSettings};
use telling::{Mails, TellError, keep, note_phone_code, tell};
use wording::{Told, WordingError, told_by};

pub use telling::Links;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The realtime table.
    pub table: String,
    /// The operations table, with the breakers.
    pub operations: String,
    /// Mails.
    pub mail: MailSettings,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let table = read.text("REALTIME_TABLE");
        let operations = read.text("OPERATIONS_TABLE");
        let mail = read.mail();
        read.finish(|| {
            Some(Self {
                table: table?,
                operations: operations?,
                mail: mail?,
            })
        })
    }
}

/// What the function needs of its table.
pub trait Realtime:
    Inbox + KeepContacts + KeepNotifications + CountDeliveries + KeepSendings
{
}
impl<S: Inbox + KeepContacts + KeepNotifications + CountDeliveries + KeepSendings> Realtime for S {}

/// Why an event was not applied.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// The event is not what its type says.
    #[error(transparent)]
    Event(#[from] InvalidEnvelope),
    /// The event has no words.
    #[error(transparent)]
    Wording(#[from] WordingError),
    /// The subject is no id of ours.
    #[error("the subject is no id")]
    Subject(#[from] domain::InvalidId),
    /// A link is for something that we do not know.
    #[error("no known purpose of a link")]
    Purpose,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Somebody may not have been told.
    #[error(transparent)]
    Tell(#[from] TellError),
}

impl EdgeError for NotifyError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Event(_) | Self::Wording(_) | Self::Subject(_) | Self::Purpose => {
                ErrorName::BadInput
            }
            Self::Store(error) => error.name(),
            Self::Tell(error) => error.name(),
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
    mails: &Mails<impl Share, impl SendMail, impl Time>,
    event: Envelope,
    now: Timestamp,
) -> Result<(), ConsumeError<NotifyError>> {
    // The newest event of an account says everything: none is waited for.
    if event.aggregate_kind() == AggregateKind::Account.name() {
        let sequence = Sequence(event.sequence);
        let told = tell_owner(realtime, mails, &event).await;
        return told.map_err(|error| ConsumeError::Apply { sequence, error });
    }
    let apply = async |event| tell_customer(realtime, mails, &event).await;
    consume(realtime, event, now, apply).await
}

async fn tell_customer(
    realtime: &impl Realtime,
    mails: &Mails<impl Share, impl SendMail, impl Time>,
    event: &Envelope,
) -> Result<(), NotifyError> {
    let Some(told) = told_by(event)? else {
        return Ok(());
    };
    let contact = match EventType::parse(&event.event_type) {
        Some(EventType::OrderPlaced) => keep_contact(realtime, event).await?,
        _ => realtime.contact(OrderId::parse(&event.subject)?).await?,
    };
    let address = contact.as_ref().map(|contact| contact.email.as_str());
    Ok(tell(realtime, mails, &told, address).await?)
}

/// Mails about who can sign in go out also where the list is closed. Their links are in no list, so
/// they wait in the queue.
async fn tell_owner(
    realtime: &impl Realtime,
    mails: &Mails<impl Share, impl SendMail, impl Time>,
    event: &Envelope,
) -> Result<(), NotifyError> {
    match EventType::parse(&event.event_type) {
        Some(EventType::AccountUpdated | EventType::AccountPhoneConfirmed) => {
            return hear_preferences(realtime, event).await;
        }
        Some(EventType::AccountErased) => return note_reach(realtime, event, &Reach::NONE).await,
        Some(EventType::AccountPhoneCodeRequested) => return note_code(realtime, event).await,
        _ => {}
    }
    if let Some(Told {
        tenant,
        reader,
        notice,
    }) = told_by(event)?
    {
        keep(realtime, (&tenant, &reader), &notice, true).await?;
    }
    for (message, mail) in account::mails_for(event, mails.links())? {
        mails.deliver(realtime, &message, &mail).await?;
    }
    Ok(())
}

/// Whether an account takes mail or texts at all, and where, stands in the account; the list has a
/// copy, so that an event of an order reads one item.
async fn hear_preferences(realtime: &impl Realtime, event: &Envelope) -> Result<(), NotifyError> {
    let account: AccountChanged = event.data()?;
    let takes_texts = account.preferences.sms && account.phone_confirmed;
    let reach = Reach {
        takes_mail: account.preferences.email,
        texts_to: account.phone.filter(|_| takes_texts),
    };
    note_reach(realtime, event, &reach).await
}

async fn note_reach(
    realtime: &impl Realtime,
    event: &Envelope,
    reach: &Reach,
) -> Result<(), NotifyError> {
    let (tenant, reader) = owner_of(event)?;
    let noted = realtime.note_reach((&tenant, &reader), reach, event.sequence);
    Ok(noted.await?)
}

/// The code itself is made where it is sent.
async fn note_code(realtime: &impl Realtime, event: &Envelope) -> Result<(), NotifyError> {
    let (tenant, reader) = owner_of(event)?;
    let code = (event.id.clone(), event.sequence.into());
    Ok(note_phone_code(realtime, (&tenant, &reader), code, event.time).await?)
}

fn owner_of(event: &Envelope) -> Result<(TenantId, CustomerId), NotifyError> {
    let tenant = event.tenant.as_deref().ok_or(WordingError::Nowhere)?;
    Ok((TenantId::parse(tenant)?, CustomerId::parse(&event.subject)?))
}

/// Only `OrderPlaced` says where messages go; the rest of the order's life needs it.
async fn keep_contact(
    realtime: &impl Realtime,
    event: &Envelope,
) -> Result<Option<Contact>, NotifyError> {
    let placed: OrderPlaced = event.data()?;
    let contact = placed.contact.map(|contact| Contact {
        email: contact.email,
    });
    if let Some(contact) = &contact {
        let order_id = OrderId::parse(&placed.order_id)?;
        realtime.put_contact(order_id, contact).await?;
    }
    Ok(contact)
}

#[cfg(test)]
mod tests;
