//! The other side of verification: making access tokens. For `auth-api`, development tokens and
//! tests; no function of the order flow signs anything.

use std::fmt;

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;
use thiserror::Error;

use super::{Claims, TOKEN_TYPE, rs256};

/// Why a key or a token cannot be made.
#[derive(Debug, Error)]
pub enum SignError {
    /// Not a PEM file with a private RSA key, or signing failed.
    #[error("cannot use the private key")]
    Key(#[source] jsonwebtoken::errors::Error),
}

/// A private key with the id under which its public half is in the JWKS.
pub struct SigningKey {
    id: String,
    key: EncodingKey,
}

impl SigningKey {
    /// Reads a private key (PKCS#1 or PKCS#8 in PEM).
    ///
    /// # Errors
    /// [`SignError::Key`] when there is none in it.
    pub fn from_pem(id: impl Into<String>, pem: &str) -> Result<Self, SignError> {
        rs256::install();
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(SignError::Key)?;
        Ok(Self { id: id.into(), key })
    }

    /// Reads a private key whose public half has its thumbprint (RFC 7638) for an id, as
    /// `infra/token_key.py` gives it one.
    ///
    /// # Errors
    /// [`SignError::Key`] when there is none in it.
    pub fn named_by_thumbprint(pem: &str) -> Result<Self, SignError> {
        let mut key = Self::from_pem(String::new(), pem)?;
        let public = Jwk::from_encoding_key(&key.key, Algorithm::RS256).map_err(SignError::Key)?;
        key.id = thumbprint(&public)?;
        Ok(key)
    }

    /// The public half as a JWKS with one key.
    ///
    /// # Errors
    /// [`SignError::Key`] when the key is broken.
    pub fn jwks(&self) -> Result<String, SignError> {
        let public = Jwk::from_encoding_key(&self.key, Algorithm::RS256).map_err(SignError::Key)?;
        let AlgorithmParameters::RSA(numbers) = public.algorithm else {
            return Err(SignError::Key(
                jsonwebtoken::errors::ErrorKind::InvalidKeyFormat.into(),
            ));
        };
        let key = json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id,
            "n": numbers.n, "e": numbers.e,
        });
        Ok(json!({"keys": [key]}).to_string())
    }

    /// Signs an access token.
    ///
    /// # Errors
    /// [`SignError::Key`] when the key is broken.
    pub fn mint(&self, claims: &Claims) -> Result<String, SignError> {
        let mut header = Header::new(Algorithm::RS256);
        header.typ = Some(TOKEN_TYPE.to_owned());
        header.kid = Some(self.id.clone());
        encode(&header, claims, &self.key).map_err(SignError::Key)
    }
}

pub(super) fn thumbprint(public: &Jwk) -> Result<String, SignError> {
    rs256::install();
    let id = public.thumbprint(ThumbprintHash::SHA256);
    id.map_err(SignError::Key)
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
