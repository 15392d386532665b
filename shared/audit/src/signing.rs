//! Ed25519, so that whoever has the public key can verify offline and sign nothing.

use std::fmt;

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use thiserror::Error;

/// A text that is no key.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the key of anchors is 32 bytes in hexadecimal digits")]
pub struct KeyError;

/// Signs anchors.
pub struct SigningKey(Ed25519KeyPair);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKey").field(&self.public()).finish()
    }
}

impl SigningKey {
    /// The key of a seed (RFC 8032): 32 random bytes in hexadecimal digits.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn parse(seed: &str) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&bytes(seed)?);
        pair.map(Self).map_err(|_| KeyError)
    }

    /// What verifies its signatures.
    pub fn public(&self) -> PublicKey {
        let mut public = [0; 32];
        for (to, from) in public.iter_mut().zip(self.0.public_key().as_ref()) {
            *to = *from;
        }
        PublicKey(public)
    }

    pub(crate) fn sign(&self, text: &str) -> String {
        hex::encode(self.0.sign(text.as_bytes()))
    }
}

/// Verifies anchors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl PublicKey {
    /// Reads 32 bytes in hexadecimal digits.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        bytes(text).map(Self)
    }

    pub(crate) fn verifies(&self, text: &str, signature: &str) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, &self.0);
        hex::decode(signature).is_ok_and(|bytes| key.verify(text.as_bytes(), &bytes).is_ok())
    }
}

fn bytes(text: &str) -> Result<[u8; 32], KeyError> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text.trim(), &mut bytes).map_err(|_| KeyError)?;
    Ok(bytes)
}
