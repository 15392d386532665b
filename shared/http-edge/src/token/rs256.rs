//! RS256 (RFC 7518 section 3.3) for the JWT library by the library that TLS uses too: one
//! implementation of RSA in a program, and no other algorithm of tokens.

use std::sync::Once;

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::jwk::ThumbprintHash;
use jsonwebtoken::signature::{self, Signer, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| {
        only_rs256(*algorithm)?;
        let pair = pair(key.as_bytes())?;
        Ok(Box::new(PrivateKey(pair)))
    },
    verifier_factory: |algorithm, key| {
        only_rs256(*algorithm)?;
        Ok(Box::new(PublicKey(key.clone())))
    },
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: |der| {
            let public = PublicKeyComponents::<Vec<u8>>::from(pair(der)?.public());
            Ok((public.n, public.e))
        },
        compute_digest: |data, hash| match hash {
            ThumbprintHash::SHA256 => Ok(digest(&SHA256, data).as_ref().to_vec()),
            _ => Err(ErrorKind::InvalidAlgorithm.into()),
        },
        ..KeyUtils::new_unimplemented()
    },
};

/// Has the JWT library use it in this process. Doing it again changes nothing.
pub(super) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let earlier = PROVIDER.install_default().err();
        assert!(earlier.is_none(), "the JWT library was used before");
    });
}

fn only_rs256(algorithm: Algorithm) -> Result<(), Error> {
    match algorithm {
        Algorithm::RS256 => Ok(()),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}

/// A private key in PKCS#1.
fn pair(der: &[u8]) -> Result<KeyPair, Error> {
    let unusable = |error| ErrorKind::InvalidRsaKey(format!("{error}")).into();
    KeyPair::from_der(der).map_err(unusable)
}

struct PrivateKey(KeyPair);

impl Signer<Vec<u8>> for PrivateKey {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        let mut signature = vec![0; self.0.public().modulus_len()];
        let random = SystemRandom::new();
        self.0
            .sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
            .map_err(|_| signature::Error::new())?;
        Ok(signature)
    }
}

impl JwtSigner for PrivateKey {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

struct PublicKey(DecodingKey);

impl Verifier<Vec<u8>> for PublicKey {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let DecodingKeyKind::RsaModulusExponent { n, e } = self.0.kind() else {
            return Err(signature::Error::new());
        };
        PublicKeyComponents { n, e }
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for PublicKey {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}
