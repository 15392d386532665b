//! The roots are those that Amazon publishes, and only who is signed by a trusted root is believed.

use std::time::Duration;

use http_body_util::Empty;
use hyper::body::Bytes;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls_pki_types::PrivateKeyDer;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::{Limits, Pool, pool};

/// SHA-256 of each certificate, from <https://www.amazontrust.com/repository/>.
const FINGERPRINTS: [&str; 5] = [
    "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
    "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
    "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
    "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
    "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
];

#[test]
fn the_roots_of_aws_are_the_published_ones() {
    let found: Vec<String> = AMAZON
        .iter()
        .map(|der| hex::encode(Sha256::digest(der)))
        .collect();
    assert_eq!(found, FINGERPRINTS);
    assert_eq!(Roots::amazon().0.len(), AMAZON.len());
}

/// A certificate authority of its own.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A server at this machine's address, signed by this authority; answers one request.
    async fn serve(&self) -> String {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let secret = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], secret)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            // Whoever does not trust us ends the handshake.
            let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await else {
                return;
            };
            let mut request = [0; 1024];
            assert!(stream.read(&mut request).await.unwrap() > 0);
            let answer = "HTTP/1.1 204 No Content\r\n\r\n";
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
        });
        format!("https://{address}/")
    }
}

async fn ask(roots: &Roots, url: &str) -> Result<u16, crate::Error> {
    let limits = Limits {
        connect: Duration::from_secs(5),
        idle: Duration::from_secs(5),
    };
    let pool: Pool<Empty<Bytes>> = pool(roots, limits).unwrap();
    let answer = pool.get(url.parse().unwrap()).await?;
    Ok(answer.status().as_u16())
}

fn file(content: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), content).unwrap();
    file
}

#[tokio::test]
async fn a_private_root_is_trusted_when_its_bundle_is_named_and_only_then() {
    let ours = Authority::new();
    let bundle = file(&ours.0.pem());
    let private = Roots::bundle(bundle.path()).unwrap();
    assert_eq!(ask(&private, &ours.serve().await).await.unwrap(), 204);
    for others in [Roots::amazon(), Roots::public()] {
        let refused = ask(&others, &ours.serve().await).await.unwrap_err();
        assert!(refused.is_connect(), "{refused:?}");
    }
    let stranger = Authority::new();
    let refused = ask(&private, &stranger.serve().await).await.unwrap_err();
    assert!(refused.is_connect(), "{refused:?}");
}

#[test]
fn a_bundle_without_usable_certificates_is_refused() {
    let missing = Roots::bundle(Path::new("no such file")).unwrap_err();
    assert!(matches!(missing, BundleError::File(_)), "{missing:?}");
    let empty = Roots::bundle(file("nothing").path()).unwrap_err();
    assert!(matches!(empty, BundleError::Empty), "{empty:?}");
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let broken = Roots::bundle(file(broken).path()).unwrap_err();
    assert!(matches!(broken, BundleError::Certificate(_)), "{broken:?}");
}
