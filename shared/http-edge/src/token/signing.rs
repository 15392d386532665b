//! The other side of verification: making keys and tokens. For development tokens and tests;
//! no function of the order flow signs anything.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;
use thiserror::Error;

use super::{Claims, TOKEN_TYPE};

/// Why a key or a token cannot be made.
#[derive(Debug, Error)]
pub enum SignError {
    /// The machine cannot make keys.
    #[error("cannot make a key")]
    Generate,
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
    /// Makes a new private key, as a PKCS#8 PEM text.
    ///
    /// # Errors
    /// [`SignError::Generate`] when the machine cannot.
    pub fn generate_pem() -> Result<String, SignError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| SignError::Generate)?;
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| SignError::Generate)?;
        let file = pem::Pem::new("PRIVATE KEY", der.as_ref());
        let unix = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
        Ok(pem::encode_config(&file, unix))
    }

    /// Reads a private key (PKCS#1 or PKCS#8 in PEM).
    ///
    /// # Errors
    /// [`SignError::Key`] when there is none in it.
    pub fn from_pem(id: impl Into<String>, pem: &str) -> Result<Self, SignError> {
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(SignError::Key)?;
        Ok(Self { id: id.into(), key })
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

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
