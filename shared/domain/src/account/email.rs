//! Where somebody is reached, which is what they sign in with; and that it becomes another.

use jiff::Timestamp;
use thiserror::Error;

use super::{Account, AccountEvent, LinkTooSoon};

/// A text that is no e-mail address that mail is sent to.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("an e-mail address")]
pub struct InvalidEmail;

/// An e-mail address: unquoted mailbox and host name, so that nothing in it can end the address
/// and begin another one, or a header.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(pub(super) String);

impl Email {
    /// Longest address, in characters (RFC 5321: a path of 256 octets with its brackets).
    pub const MAX: usize = 254;
    /// Longest mailbox, in characters (RFC 5321 section 4.5.3.1.1).
    const MAX_MAILBOX: usize = 64;

    /// Takes an address from outside; white space around it is dropped.
    ///
    /// # Errors
    /// [`InvalidEmail`].
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let email = text.trim();
        let (mailbox, host) = email.split_once('@').ok_or(InvalidEmail)?;
        let fits = email.len() <= Self::MAX && mailbox.len() <= Self::MAX_MAILBOX;
        if fits && is_mailbox(mailbox) && is_host(host) {
            Ok(Self(email.to_owned()))
        } else {
            Err(InvalidEmail)
        }
    }

    /// The address as its owner writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is the same for all ways to write one address: two accounts cannot have it. Mailboxes
    /// that differ in case only are one, as with every large provider.
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// Personal data does not show by accident.
impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Email(..)")
    }
}

/// Unquoted only: RFC 5322 `atext` and dots.
fn is_mailbox(text: &str) -> bool {
    let atext = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
    !text.is_empty() && text.bytes().all(atext)
}

fn is_host(text: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let label = |label: &str| !label.is_empty() && label.bytes().all(letters);
    text.contains('.') && text.split('.').all(label)
}

impl Account {
    /// Takes another address, which nobody has shown to be theirs yet: a link goes there at once.
    /// All sessions end, and no link that was mailed to the address of before opens anything.
    /// Answers whether it differs; another way to write the same one does not.
    ///
    /// # Errors
    /// [`LinkTooSoon`]: who moves to and fro fills nobody's mailbox.
    pub fn change_email(&mut self, email: Email, now: Timestamp) -> Result<bool, LinkTooSoon> {
        if self.email.folded() == email.folded() {
            return Ok(false);
        }
        self.verification.readdress(now)?;
        self.reset.spend();
        self.email = email;
        self.verified = false;
        self.end_sessions(now);
        self.did(AccountEvent::EmailChanged, now);
        Ok(true)
    }
}
