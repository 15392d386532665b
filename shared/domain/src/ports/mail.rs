//! Mails: where they go, what became of each, and who sends them.

use std::future::Future;

use thiserror::Error;

use super::{Cause, ProviderError, StoreError};
use crate::{Contact, OrderId};

/// Where messages about one order go.
pub trait KeepContacts {
    /// Notes where messages about this order go.
    fn put_contact(
        &self,
        order_id: OrderId,
        contact: &Contact,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Where messages about this order go.
    fn contact(
        &self,
        order_id: OrderId,
    ) -> impl Future<Output = Result<Option<Contact>, StoreError>> + Send;
}

/// What is known of one message that is sent at most twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// This is the first try.
    First,
    /// An earlier try has an unknown outcome: one more, counted as a possible duplicate.
    Second,
    /// It was sent.
    Sent,
    /// It can never be sent.
    Refused,
    /// Two tries have an unknown outcome.
    GivenUp,
}

/// Keeps count of the tries of each message.
pub trait CountDeliveries {
    /// Claims a try.
    fn claim(&self, message: &str) -> impl Future<Output = Result<Delivery, StoreError>> + Send;
    /// Notes that it was sent.
    fn sent(&self, message: &str) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Notes that it can never be sent, and why.
    fn refused(
        &self,
        message: &str,
        cause: &Cause,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Notes that it may have been sent, and is not sent again.
    fn given_up(&self, message: &str) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Gives the try back: it is certain that nothing was sent.
    fn not_sent(&self, message: &str) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// A mail in plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub to: String,
    /// Subject line.
    pub subject: String,
    /// Text.
    pub text: String,
    /// Where a program may say, by one `POST`, that no more of these are wanted (RFC 8058); nothing
    /// for what cannot be switched off.
    pub unsubscribe: Option<String>,
}

/// Why a mail was not sent.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum MailError {
    /// Throttled or unreachable: it is certain that nothing was sent. Others will find it so, too.
    #[error("the mail service is unavailable")]
    NotSent(#[source] Cause),
    /// It does not take it from us as things are (our role, our account): it is certain that nothing was
    /// sent, and the service itself is well.
    #[error("the mail service does not take our mail")]
    Declined(#[source] Cause),
    /// No answer: it may have been sent.
    #[error("the mail service gave no answer")]
    Unknown(#[source] Cause),
    /// It will never be sent.
    #[error("the mail was refused")]
    Refused(#[source] Cause),
}

impl From<MailError> for ProviderError {
    fn from(error: MailError) -> Self {
        match error {
            MailError::NotSent(cause) => Self::Down(cause),
            MailError::Declined(cause) => Self::Unexpected(cause),
            MailError::Unknown(cause) => Self::Unknown(cause),
            MailError::Refused(cause) => Self::Refused(cause),
        }
    }
}

/// Sends mail.
pub trait SendMail {
    /// Sends one mail.
    fn send(&self, mail: &Mail) -> impl Future<Output = Result<(), MailError>> + Send;
}
