//! The public keys that tokens are verified with. The set is ours, so that everything unexpected
//! in it is a mistake worth stopping for, not something to skip.

use std::collections::BTreeMap;
use std::fmt;

use jsonwebtoken::{DecodingKey, DecodingKeyKind};
use serde::Deserialize;
use thiserror::Error;

/// Shortest modulus, in bytes: 2048 bits.
const MIN_MODULUS: usize = 256;

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
            Ok(key) if modulus_bytes(&key) < MIN_MODULUS => {
                Err(KeyError::Unusable(self.kid, "it is shorter than 2048 bits"))
            }
            Ok(key) => Ok((self.kid, key)),
            Err(error) => Err(KeyError::Unreadable(self.kid, error)),
        }
    }
}

fn modulus_bytes(key: &DecodingKey) -> usize {
    match key.kind() {
        DecodingKeyKind::RsaModulusExponent { n, .. } => {
            n.iter().skip_while(|byte| **byte == 0).count()
        }
        DecodingKeyKind::SecretOrDer(_) => 0,
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
