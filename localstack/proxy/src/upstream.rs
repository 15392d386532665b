//! The endpoint behind the proxy. Calls go to it as they came: method, path, headers and body.

use std::error::Error;
use std::time::Duration;

use axum::body::Bytes;
use http::header::{CONNECTION, HeaderMap, HeaderName};
use http::request::Parts;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::outcome::Answer;

/// Shorter than servers keep a connection that nobody uses (mostly 5 seconds), so that no call
/// is sent on one that is being closed.
const IDLE: Duration = Duration::from_secs(4);

/// Headers that are for one connection only (RFC 9110, section 7.6.1, and the older ones).
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

#[derive(Debug)]
pub(crate) struct Upstream {
    authority: Authority,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// Why there is no answer to pass on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Silence {
    #[error("the address makes no sense")]
    Address(#[from] http::uri::InvalidUriParts),
    #[error("it cannot be reached")]
    Unreachable(#[from] hyper_util::client::legacy::Error),
    #[error("its answer broke off")]
    BrokeOff(#[source] Box<dyn Error + Send + Sync>),
}

impl Upstream {
    /// `None` unless the address is `http://host:port`.
    pub(crate) fn new(address: &str) -> Option<Self> {
        let parts = address.parse::<Uri>().ok()?.into_parts();
        let bare = parts.path_and_query.is_none_or(|path| path == "/");
        if parts.scheme != Some(Scheme::HTTP) || !bare {
            return None;
        }
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            // The caller's own is what it signed.
            .set_host(false)
            .build(connector);
        Some(Self {
            authority: parts.authority?,
            client,
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.authority)
    }

    pub(crate) async fn forward(&self, parts: Parts, body: Bytes) -> Result<Answer, Silence> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = parts.method;
        *request.uri_mut() = self.address(parts.uri)?;
        *request.headers_mut() = end_to_end(parts.headers);
        let (parts, body) = self.client.request(request).await?.into_parts();
        let body = body
            .collect()
            .await
            .map_err(|error| Silence::BrokeOff(error.into()))?;
        Ok(Answer {
            status: parts.status,
            headers: end_to_end(parts.headers),
            body: body.to_bytes(),
        })
    }

    fn address(&self, asked: Uri) -> Result<Uri, http::uri::InvalidUriParts> {
        let mut parts = asked.into_parts();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Some(self.authority.clone());
        parts
            .path_and_query
            .get_or_insert(PathAndQuery::from_static("/"));
        Uri::from_parts(parts)
    }
}

fn end_to_end(mut headers: HeaderMap) -> HeaderMap {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
    headers
}
