//! Whom to believe that they are who they say.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring::default_provider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, TrustAnchor};
use thiserror::Error;
use webpki::anchor_from_trusted_cert;
use webpki_roots::TLS_SERVER_ROOTS;

#[cfg(test)]
mod tests;

/// Amazon Root CA 1 to 4 and the Starfield Services Root CA G2, which sign all public endpoints of
/// AWS; valid until the end of 2037 or later. From <https://www.amazontrust.com/repository/>,
/// where their fingerprints stand too; a test compares them.
const AMAZON: [&[u8]; 5] = [
    include_bytes!("../roots/amazon-root-ca-1.der"),
    include_bytes!("../roots/amazon-root-ca-2.der"),
    include_bytes!("../roots/amazon-root-ca-3.der"),
    include_bytes!("../roots/amazon-root-ca-4.der"),
    include_bytes!("../roots/starfield-services-root-ca-g2.der"),
];

/// Roots that are trusted. The system's are not among them: reading some 140 files at each start
/// is nine tenths of it.
#[derive(Clone, Debug)]
pub struct Roots(Vec<TrustAnchor<'static>>);

/// Why a bundle of roots cannot be used.
#[derive(Debug, Error)]
pub enum BundleError {
    /// The file cannot be read.
    #[error("the file cannot be read")]
    File(#[source] std::io::Error),
    /// The file is no PEM.
    #[error("the file is no PEM")]
    Pem(#[source] rustls_pki_types::pem::Error),
    /// One of its certificates cannot be a root.
    #[error("one of its certificates cannot be a root")]
    Certificate(#[source] webpki::Error),
    /// There is no certificate in it.
    #[error("the file holds no certificate")]
    Empty,
}

impl Roots {
    /// Those of AWS.
    pub fn amazon() -> Self {
        let read = |der: &&'static [u8]| {
            let certificate = CertificateDer::from_slice(der);
            anchor_from_trusted_cert(&certificate).map(|anchor| anchor.to_owned())
        };
        // Built in and held against their fingerprints by a test, so none is left out.
        Self(AMAZON.iter().filter_map(|der| read(der).ok()).collect())
    }

    /// Those that Mozilla trusts for servers.
    pub fn public() -> Self {
        Self(TLS_SERVER_ROOTS.to_vec())
    }

    /// Those of a PEM file.
    ///
    /// # Errors
    /// When the file cannot be read, or holds no certificate, or something else too.
    pub fn bundle(path: &Path) -> Result<Self, BundleError> {
        let pem = std::fs::read(path).map_err(BundleError::File)?;
        let mut anchors = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(BundleError::Pem)?;
            let anchor =
                anchor_from_trusted_cert(&certificate).map_err(BundleError::Certificate)?;
            anchors.push(anchor.to_owned());
        }
        if anchors.is_empty() {
            return Err(BundleError::Empty);
        }
        Ok(Self(anchors))
    }

    pub(crate) fn client_config(&self) -> Result<ClientConfig, rustls::Error> {
        let roots = RootCertStore {
            roots: self.0.clone(),
        };
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(config)
    }
}
