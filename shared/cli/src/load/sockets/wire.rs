//! A WebSocket over TCP, or over TLS with Mozilla's roots.

use std::io;
use std::sync::Arc;

use reqwest::Url;
use rustls::crypto::ring;
use rustls::pki_types::{InvalidDnsNameError, ServerName};
use rustls::{ClientConfig, Error as TlsError, RootCertStore};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::Error as SocketError;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// Of each socket, in bytes; the library's own 128 KB would be much for thousands.
const BUFFER: usize = 4 * 1024;

/// Why there is no socket.
#[derive(Debug, Error)]
pub(crate) enum WireError {
    #[error("not a URL of ws or wss")]
    Address,
    #[error("nobody is reached there")]
    Unreachable(#[from] io::Error),
    #[error("the name cannot be in a certificate")]
    Name(#[from] InvalidDnsNameError),
    #[error("TLS cannot be set up")]
    Tls(#[from] TlsError),
    #[error("the handshake was refused")]
    Refused(#[from] Box<SocketError>),
}

/// What bytes go over.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

pub(crate) type Socket = WebSocketStream<Box<dyn Wire>>;

/// Opens one.
pub(crate) async fn open(url: &str) -> Result<Socket, WireError> {
    let parsed = Url::parse(url).map_err(|_| WireError::Address)?;
    let host = parsed.host_str().ok_or(WireError::Address)?.to_owned();
    let is_secret = match parsed.scheme() {
        "wss" => true,
        "ws" => false,
        _ => return Err(WireError::Address),
    };
    let port = parsed.port_or_known_default().ok_or(WireError::Address)?;
    let tcp = TcpStream::connect((host.as_str(), port)).await?;
    tcp.set_nodelay(true)?;
    let wire: Box<dyn Wire> = match is_secret {
        true => Box::new(tls()?.connect(ServerName::try_from(host)?, tcp).await?),
        false => Box::new(tcp),
    };
    let config = WebSocketConfig::default().read_buffer_size(BUFFER);
    let opened = client_async_with_config(url, wire, Some(config)).await;
    let (socket, _) = opened.map_err(Box::new)?;
    Ok(socket)
}

fn tls() -> Result<TlsConnector, TlsError> {
    let roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
