//! The public keys that tokens are verified with. The set is ours, so that everything unexpected
//! in it is a mistake worth stopping for, not something to skip.

use std::collections::BTreeMap;
use std::fmt;

use jsonwebtoken::{DecodingKey, DecodingKeyKind};
use serde::Deserialize;
use thiserror::Error;

/// Shortest and longest modulus, in bytes: 2048 and 8192 bits, as the verifier takes them.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;
/// Longest exponent, in bytes.
const MAX_EXPONENT: usize = 4;

/// Why a set of keys cannot be used.
#[derive(Debug, Error)]
pub enum KeyError {
    /// Not a JWKS, or not all its keys are public RSA keys with a `kid`.
    #[error("not a set of public RSA keys")]
    Malformed(#[source] serde_json::Error),
    /// No key at all.
    #[error("the set of keys is empty")]
    Empty,
    /// Meant for another use or algorithm, or two keys of one id.
    #[error("key {0} cannot be used: {1}")]
    Unusable(String, &'static str),
    /// Numbers that are no base64url.
    #[error("key {0} cannot be read")]
    Unreadable(String, #[source] jsonwebtoken::errors::Error),
}

/// Public keys by their ids.
#[derive(Clone)]
pub(super) struct Keys(BTreeMap<String, DecodingKey>);

#[derive(Deserialize)]
struct Set {
    keys: Vec<Key>,
}

/// Exactly the fields of a public RSA key (RFC 7517, 7518): a private one (`d`, `p` …) in a
/// parameter that many may read is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    #[serde(rename = "kty")]
    _kty: Kty,
    kid: String,
    n: String,
    e: String,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
}

#[derive(Deserialize)]
enum Kty {
    #[serde(rename = "RSA")]
    Rsa,
}

impl Keys {
    pub(super) fn parse(jwks: &str) -> Result<Self, KeyError> {
        let set: Set = serde_json::from_str(jwks).map_err(KeyError::Malformed)?;
        let mut keys = BTreeMap::new();
        for key in set.keys {
            let (id, key) = key.read()?;
            if keys.insert(id.clone(), key).is_some() {
                return Err(KeyError::Unusable(id, "two keys have this id"));
            }
        }
        if keys.is_empty() {
            return Err(KeyError::Empty);
        }
        Ok(Self(keys))
    }

    pub(super) fn find(&self, id: &str) -> Option<&DecodingKey> {
        self.0.get(id)
    }
}

impl Key {
    fn read(self) -> Result<(String, DecodingKey), KeyError> {
        let only = |given: &Option<String>, meant: &str| {
            given.as_deref().is_none_or(|given| given == meant)
        };
        let verifies = |ops: &Vec<String>| ops.iter().any(|op| op == "verify");
        let mistake = if self.kid.is_empty() {
            Some("its id is empty")
        } else if !only(&self.alg, "RS256") {
            Some("it is not for RS256")
        } else if !only(&self.purpose, "sig") || !self.key_ops.iter().all(verifies) {
            Some("it is not for signatures")
        } else {
            None
        };
        if let Some(mistake) = mistake {
            return Err(KeyError::Unusable(self.kid, mistake));
        }
        match DecodingKey::from_rsa_components(&self.n, &self.e) {
            Ok(key) => match mistake_in(&key) {
                Some(mistake) => Err(KeyError::Unusable(self.kid, mistake)),
                None => Ok((self.kid, key)),
            },
            Err(error) => Err(KeyError::Unreadable(self.kid, error)),
        }
    }
}

/// What the verifier would refuse at each token is refused at the start (RFC 7518 section 6.3.1:
/// numbers have no leading zeros).
fn mistake_in(key: &DecodingKey) -> Option<&'static str> {
    let DecodingKeyKind::RsaModulusExponent { n, e } = key.kind() else {
        return Some("it is no RSA key");
    };
    let odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
    if n.first() == Some(&0) || e.first() == Some(&0) {
        Some("its numbers have leading zeros")
    } else if !MODULUS.contains(&n.len()) {
        Some("it is shorter than 2048 bits, or longer than 8192")
    } else if !odd(n) || !odd(e) || e.len() > MAX_EXPONENT || *e == [1] {
        Some("its numbers are of no RSA key")
    } else {
        None
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
