//! Where the next page of a list starts, handed to whoever reads the list: opaque, signed
//! (HMAC-SHA-256) and bound to its list, so that nobody makes one up, and that of one list, or of
//! somebody else's, is none of another.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use thiserror::Error;

use crate::Problem;
use crate::token::hmac_key;

#[cfg(test)]
mod tests;

/// Bytes of the signature in front of the place.
const SIGNATURE: usize = 32;
/// Longest cursor that is looked at, in characters: every place of ours is far shorter.
const MAX_CURSOR: usize = 2_048;
/// Tells what is signed here from anything else that is signed by the same key.
const PURPOSE: &str = "cursor";
/// Entries of a page, unless asked for fewer or more.
const PAGE: u8 = 20;
/// Most entries of a page.
pub const MAX_PAGE: u8 = 100;

/// The key cannot be used.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the key of cursors is hexadecimal and has at least 32 bytes")]
pub struct CursorKeyError;

/// Makes and reads cursors.
#[derive(Clone)]
pub struct Cursors(hmac::Key);

impl Cursors {
    /// With a secret key in hexadecimal digits.
    ///
    /// # Errors
    /// [`CursorKeyError`].
    pub fn new(key: &str) -> Result<Self, CursorKeyError> {
        hmac_key(key).map(Self).ok_or(CursorKeyError)
    }

    /// The cursor of a place in a list. The list is said by everything that makes it that list:
    /// its name, whose it is, how it is filtered and sorted.
    pub fn make(&self, list: &[&str], place: &str) -> String {
        let signature = hmac::sign(&self.0, &signed(list, place));
        let mut bytes = signature.as_ref().to_vec();
        bytes.extend_from_slice(place.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The place of a cursor of this list; nothing where there is no cursor.
    ///
    /// # Errors
    /// 400 for what is no cursor of this list.
    pub fn read(&self, list: &[&str], cursor: Option<&str>) -> Result<Option<String>, Problem> {
        let place = |cursor| self.place(list, cursor);
        let place = cursor.map(|cursor| place(cursor).ok_or_else(not_ours));
        place.transpose()
    }

    /// Takes as long for a signature that is almost right as for any other.
    fn place(&self, list: &[&str], cursor: &str) -> Option<String> {
        if cursor.len() > MAX_CURSOR {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (signature, place) = bytes.split_at_checked(SIGNATURE)?;
        let place = std::str::from_utf8(place).ok()?;
        hmac::verify(&self.0, &signed(list, place), signature).ok()?;
        Some(place.to_owned())
    }
}

fn not_ours() -> Problem {
    Problem::bad_request("the cursor is none of this list")
}

/// Each part with its length in front, so that no two lists read the same.
fn signed(list: &[&str], place: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in [PURPOSE].iter().chain(list).chain(&[place]) {
        bytes.extend_from_slice(&part.len().to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

impl fmt::Debug for Cursors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cursors(..)")
    }
}

/// How many entries a page has: as many as were asked for, or 20.
///
/// # Errors
/// 400 for none, and for more than [`MAX_PAGE`].
pub fn page_size(asked: Option<u8>) -> Result<u8, Problem> {
    let size = asked.unwrap_or(PAGE);
    if (1..=MAX_PAGE).contains(&size) {
        return Ok(size);
    }
    Err(Problem::bad_request(format!(
        "limit must be 1 to {MAX_PAGE}"
    )))
}
