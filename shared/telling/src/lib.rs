//! Telling people something: it is kept in their list first, and then sent by mail and as a text, as
//! far as they want. Each notice is in a list once, however often it is told.

mod codes;
mod due;
mod later;
mod links;
mod list;
mod mail;
mod rows;
mod said;
mod texts;

use breaker::{Share, Time};
use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use domain::ports::{
    Cause, CountDeliveries, KeepNotifications, KeepSendings, SendMail, StoreError,
};
use thiserror::Error;
use wording::Told;

pub use codes::{Codes, note_phone_code};
pub use due::{Driven, send_due};
pub use later::LaterMails;
pub use links::Links;
pub use list::keep;
pub use mail::{MAIL, MAIL_TERMS, Mails};
pub use rows::{NotSent, Outlet};
pub use said::Said;
pub use texts::{FALLBACK, GATEWAY, TERMS, Texts};

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
    #[error("the mail was not sent")]
    Mail(#[source] NotSent),
    /// So many rows could be neither read nor written.
    #[error("{0} rows could be neither read nor written")]
    Rows(u32),
    /// Two tries ended without an answer: a person decides whether there is a third.
    #[error("two tries to send the mail had no known outcome")]
    GivenUp,
}

impl EdgeError for TellError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Store(error) => error.name(),
            Self::Contended => ErrorName::Conflict,
            Self::Mail(_) | Self::Rows(_) => ErrorName::Unavailable,
            Self::GivenUp => ErrorName::Internal,
        }
    }
}

impl TellError {
    /// The same as a failure of the store, for whoever can only come again.
    pub fn into_store(self) -> StoreError {
        match self {
            Self::Store(error) => error,
            other => StoreError::Unavailable(Cause(other.to_string())),
        }
    }
}

/// Tells somebody: in their list, by mail at this address, and as a text, if they want it. It is
/// stored before it is sent: whoever is mailed finds the same in their list. A text is only noted
/// here, and so is a mail that cannot go out now; [`send_due`] sends them. Telling it again tells it
/// once.
///
/// # Errors
/// [`TellError`]; tell it again.
pub async fn tell(
    store: &(impl KeepNotifications + CountDeliveries + KeepSendings),
    mails: &Mails<impl Share, impl SendMail, impl Time>,
    told: &Told,
    address: Option<&str>,
) -> Result<(), TellError> {
    let reader = (&told.tenant, &told.reader);
    let kept = keep(store, reader, &told.notice, address.is_some()).await?;
    let mailed = kept.filter(domain::Notification::is_mailed);
    match (mailed, address) {
        (Some(kept), Some(address)) => {
            let message = (told, &kept);
            mails.send_or_leave(store, message, address).await
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
