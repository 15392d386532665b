//! What is mailed as a link: whose, which number, and a signature (HMAC-SHA-256) of both and of the
//! purpose under a key of the server. The same number always gives the same token, so that whoever
//! has the key makes it where it is mailed, and nothing of it is stored; a token that was made up is
//! told without asking the store.

use std::fmt;

use domain::{CustomerId, LinkPurpose};
use ring::hmac;
use thiserror::Error;

/// Shortest key, in bytes: as long as the hash (RFC 2104 section 3).
const MIN_KEY: usize = 32;

/// The key cannot be used.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the key of mailed links is hexadecimal and has at least 32 bytes")]
pub struct LinkKeyError;

/// Makes and reads the tokens of mailed links.
#[derive(Clone)]
pub struct LinkTokens(hmac::Key);

/// No id has a line break, so that no two links are signed alike.
fn signed(purpose: LinkPurpose, account: &CustomerId, number: u32) -> String {
    format!("{}\n{account}\n{number}", purpose.name())
}

impl LinkTokens {
    /// With a secret key in hexadecimal digits.
    ///
    /// # Errors
    /// [`LinkKeyError`].
    pub fn new(key: &str) -> Result<Self, LinkKeyError> {
        let key = hex::decode(key).map_err(|_| LinkKeyError)?;
        if key.len() < MIN_KEY {
            return Err(LinkKeyError);
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &key)))
    }

    /// The token of this link: `<account>.<number>.<64 hexadecimal digits>`.
    pub fn make(&self, purpose: LinkPurpose, account: &CustomerId, number: u32) -> String {
        let text = signed(purpose, account, number);
        let signature = self.sign(text.as_bytes());
        format!("{account}.{number}.{}", hex::encode(signature))
    }

    /// Whose link it is, and which; nothing for any text that was not made by this key for this
    /// purpose.
    pub fn read(&self, purpose: LinkPurpose, token: &str) -> Option<(CustomerId, u32)> {
        let (link, signature) = token.rsplit_once('.')?;
        let (account, number) = link.rsplit_once('.')?;
        let account = CustomerId::parse(account).ok()?;
        let number = number.parse().ok()?;
        let signature = hex::decode(signature).ok()?;
        let text = signed(purpose, &account, number);
        self.verify(text.as_bytes(), &signature)?;
        Some((account, number))
    }

    pub(crate) fn sign(&self, text: &[u8]) -> hmac::Tag {
        hmac::sign(&self.0, text)
    }

    /// Takes as long for a signature that is almost right as for any other.
    pub(crate) fn verify(&self, text: &[u8], signature: &[u8]) -> Option<()> {
        hmac::verify(&self.0, text, signature).ok()
    }
}

impl fmt::Debug for LinkTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkTokens(..)")
    }
}
