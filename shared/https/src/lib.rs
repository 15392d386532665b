//! The way out of a function: pooled connections of HTTP/1.1 over TLS, with the roots that they
//! trust built in. AWS's clients and those of third parties share it, so that a program holds one
//! HTTP stack and no other.
//!
//! HTTP/2 is left out on purpose: a function has one call under way at a time, and its code would
//! be a tenth of every program.

mod roots;

use std::time::Duration;

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use thiserror::Error;

pub use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
pub use hyper_util::client::legacy::{Client, Error};
pub use roots::{BundleError, Roots};

/// Connections to any host, kept for the next call.
pub type Pool<B> = Client<HttpsConnector<HttpConnector>, B>;

/// How connections are made and kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until TCP stands.
    pub connect: Duration,
    /// How long a connection may wait for its next call. Shorter than the other side keeps it,
    /// because one that was dropped while a function was frozen loses the call.
    pub idle: Duration,
}

/// TLS cannot be set up.
#[derive(Debug, Error)]
#[error("TLS cannot be set up")]
pub struct TlsError(#[from] rustls::Error);

/// A new pool.
///
/// # Errors
/// When the TLS library has none of the versions that we allow.
pub fn pool<B>(roots: &Roots, limits: Limits) -> Result<Pool<B>, TlsError>
where
    B: http_body::Body + Send,
    B::Data: Send,
{
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(limits.connect));
    let tls = HttpsConnectorBuilder::new()
        .with_tls_config(roots.client_config()?)
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp);
    Ok(Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(limits.idle)
        .build(tls))
}
