//! Telling people something: it is kept in their list first, and then sent by mail, as far as they
//! want. Each notice is in a list once, however often it is told.

mod list;
mod mail;

use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use domain::ByMail;
use domain::ports::{CountDeliveries, KeepNotifications, MailError, SendMail, StoreError};
use thiserror::Error;
use wording::Told;

pub use list::keep;
pub use mail::{Links, deliver};

/// Why somebody may not have been told.
#[derive(Debug, Error)]
pub enum TellError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Others kept adding to the list.
    #[error("the list was changed by others again and again")]
    Contended,
    /// The mail was not sent.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// Two tries ended without an answer: a person decides whether there is a third.
    #[error("two tries to send the mail had no known outcome")]
    GivenUp,
}

impl EdgeError for TellError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Store(error) => error.name(),
            Self::Contended => ErrorName::Conflict,
            Self::Mail(_) => ErrorName::Unavailable,
            Self::GivenUp => ErrorName::Internal,
        }
    }
}

/// Tells somebody: in their list, and by mail at this address, if they want it. It is stored before
/// it is sent: whoever is mailed finds the same in their list. Telling it again tells it once.
///
/// # Errors
/// [`TellError`]; tell it again.
pub async fn tell(
    store: &(impl KeepNotifications + CountDeliveries),
    mailer: &impl SendMail,
    links: &Links,
    told: &Told,
    address: Option<&str>,
) -> Result<(), TellError> {
    let reader = (&told.tenant, &told.reader);
    let by_mail = keep(store, reader, &told.notice, address.is_some()).await?;
    match (by_mail, address) {
        (Some(ByMail::Sent), Some(address)) => {
            let mail = links.mail_of(told, address);
            deliver(store, mailer, &told.notice.id, mail).await
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
