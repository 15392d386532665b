//! Keys that are made for a run.

use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};

use crate::must;

/// A new private RSA key of 2048 bits, as PKCS#8 in PEM.
pub fn private_key() -> String {
    must(KeyPair::generate_rsa_for(
        &PKCS_RSA_SHA256,
        RsaKeySize::_2048,
    ))
    .serialize_pem()
}
