//! Messages that wait for a third party, and who sends texts.

use std::future::Future;

use jiff::Timestamp;

use super::{ProviderError, SaveError, StoreError};
use crate::{Channel, Sending};

/// Reads what became of messages.
pub trait ReadSendings {
    /// Up to a hundred of one channel, by the events that they are of, as they are now; those that
    /// are not there are left out.
    fn sendings(
        &self,
        channel: Channel,
        messages: &[String],
    ) -> impl Future<Output = Result<Vec<Sending>, StoreError>> + Send;
}

/// Keeps what becomes of messages.
pub trait KeepSendings: ReadSendings {
    /// Stores it if what is stored is still what it was read from; a new one where there is none.
    fn save_sending(
        &self,
        sending: Sending,
    ) -> impl Future<Output = Result<Sending, SaveError<Sending>>> + Send;
}

/// Which messages are due.
pub trait ListSendings {
    /// Up to `limit` messages of a channel that are to be tried before a time, by their events, the
    /// longest due first. The list may lag.
    fn sendings_due(
        &self,
        channel: Channel,
        before: Timestamp,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;
}

/// A text message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The number it goes to, in the form of E.164.
    pub to: String,
    /// What it says; the reference stands in it.
    pub body: String,
    /// What it is found by.
    pub reference: String,
}

/// Sends texts.
pub trait SendTexts {
    /// Sends one, once. Asking again sends it again.
    ///
    /// # Errors
    /// [`ProviderError`]. `Refused` and `Unexpected` are answers: this text can never be sent, or not
    /// as things are. After both, and after `Down`, it was certainly not sent.
    fn send_text(&self, text: &Text) -> impl Future<Output = Result<(), ProviderError>> + Send;
}

/// Looks texts up.
pub trait FindTexts {
    /// Whether a text with this reference was taken for its number since a time.
    ///
    /// # Errors
    /// [`ProviderError`]: then nobody knows.
    fn has_text(
        &self,
        text: &Text,
        since: Timestamp,
    ) -> impl Future<Output = Result<bool, ProviderError>> + Send;
}
