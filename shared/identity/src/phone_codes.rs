//! Codes that are texted to a telephone number: six digits, made (HMAC-SHA-256) of the account, of
//! which code it is, of the number and of the time, under a key of the server. The same code is made
//! again by whoever has the key, where it is texted and where it is taken, and nothing of it is stored.

use std::fmt;

use domain::{AskedCode, CustomerId};
use jiff::Timestamp;
use ring::hmac;
use thiserror::Error;

/// Shortest key, in bytes: as long as the hash (RFC 2104 section 3).
const MIN_KEY: usize = 32;
/// So many codes there are.
const CODES: u64 = 1_000_000;

/// The key cannot be used.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the key of texted codes is hexadecimal and has at least 32 bytes")]
pub struct CodeKeyError;

/// Makes and compares codes.
#[derive(Clone)]
pub struct PhoneCodes(hmac::Key);

impl PhoneCodes {
    /// With a secret key in hexadecimal digits.
    ///
    /// # Errors
    /// [`CodeKeyError`].
    pub fn new(key: &str) -> Result<Self, CodeKeyError> {
        let key = hex::decode(key).map_err(|_| CodeKeyError)?;
        if key.len() < MIN_KEY {
            return Err(CodeKeyError);
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &key)))
    }

    /// The code of this number that an account is texted now, to this telephone.
    pub fn make(
        &self,
        account: &CustomerId,
        (number, phone): (u64, &str),
        now: Timestamp,
    ) -> String {
        self.of_stretch(account, (number, phone), AskedCode::stretch(now))
    }

    /// Whether this is the code that was texted: now, or in the stretch before. Takes as long for one
    /// that is almost right as for any other.
    pub fn fits(
        &self,
        account: &CustomerId,
        (number, phone): (u64, &str),
        code: &str,
        now: Timestamp,
    ) -> bool {
        let stretch = AskedCode::stretch(now);
        let is_of = |stretch: i64| {
            let wanted = self.of_stretch(account, (number, phone), stretch);
            let wanted = hmac::sign(&self.0, wanted.as_bytes());
            hmac::verify(&self.0, code.as_bytes(), wanted.as_ref()).is_ok()
        };
        is_of(stretch) | is_of(stretch - 1)
    }

    /// No part has a line break, so that no two codes are made of the same text.
    fn of_stretch(
        &self,
        account: &CustomerId,
        (number, phone): (u64, &str),
        stretch: i64,
    ) -> String {
        let text = format!("confirm-phone\n{account}\n{number}\n{phone}\n{stretch}");
        let signed = hmac::sign(&self.0, text.as_bytes());
        let first = signed.as_ref().iter().take(8);
        let code = first.fold(0_u64, |code, byte| code << 8 | u64::from(*byte)) % CODES;
        format!("{code:06}")
    }
}

impl fmt::Debug for PhoneCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneCodes(..)")
    }
}
