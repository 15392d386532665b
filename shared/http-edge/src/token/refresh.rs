//! Refresh tokens: which session, which of its tokens, and a signature (HMAC-SHA-256) of both under
//! a key of the server. The same session and number always give the same token, so that nothing of
//! a token needs to be stored; a token that was made up is told without asking the store.

use std::fmt;

use domain::{Generation, SessionId};
use ring::hmac;
use thiserror::Error;
use uuid::Uuid;

#[cfg(test)]
mod tests;

/// Shortest key, in bytes: as long as the hash (RFC 2104 section 3).
const MIN_KEY: usize = 32;
/// Session (16 bytes), number (4), signature (32).
const LENGTH: usize = 52;
const SIGNED: usize = 20;

/// The key cannot be used.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the key of refresh tokens is hexadecimal and has at least 32 bytes")]
pub struct RefreshKeyError;

/// Makes and reads refresh tokens.
#[derive(Clone)]
pub struct RefreshTokens(hmac::Key);

impl RefreshTokens {
    /// With a secret key in hexadecimal digits.
    ///
    /// # Errors
    /// [`RefreshKeyError`].
    pub fn new(key: &str) -> Result<Self, RefreshKeyError> {
        hmac_key(key).map(Self).ok_or(RefreshKeyError)
    }

    /// The token of this number of this session: 104 hexadecimal digits.
    pub fn make(&self, session: SessionId, generation: Generation) -> String {
        let mut token = Vec::with_capacity(LENGTH);
        token.extend_from_slice(session.0.as_bytes());
        token.extend_from_slice(&generation.0.to_be_bytes());
        let signature = hmac::sign(&self.0, &token);
        token.extend_from_slice(signature.as_ref());
        hex::encode(token)
    }

    /// Session and number of a token that was made by this key; nothing for any other text. Takes
    /// as long for a signature that is almost right as for any other.
    pub fn read(&self, token: &str) -> Option<(SessionId, Generation)> {
        if token.len() != 2 * LENGTH {
            return None;
        }
        let bytes = hex::decode(token).ok()?;
        let (signed, signature) = bytes.split_at_checked(SIGNED)?;
        hmac::verify(&self.0, signed, signature).ok()?;
        let (session, generation) = signed.split_first_chunk::<16>()?;
        let generation = u32::from_be_bytes(generation.try_into().ok()?);
        Some((
            SessionId(Uuid::from_bytes(*session)),
            Generation(generation),
        ))
    }
}

/// A key in hexadecimal digits; nothing where it is none, or too short.
pub(crate) fn hmac_key(digits: &str) -> Option<hmac::Key> {
    let key = hex::decode(digits).ok()?;
    (key.len() >= MIN_KEY).then(|| hmac::Key::new(hmac::HMAC_SHA256, &key))
}

impl fmt::Debug for RefreshTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshTokens(..)")
    }
}
