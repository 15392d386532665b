//! Which pages of other origins may call the API from a browser: those on an exact list, and no
//! other. Nothing rides on cookies, so credentials are not allowed to anybody.

use std::str::FromStr;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, Uri, header};
use thiserror::Error;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How long a browser may remember what it may send; browsers cap it at two hours or less.
const REMEMBERED: Duration = Duration::from_secs(7_200);
/// What a page may send.
const SENT: [HeaderName; 7] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::IF_MATCH,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("x-request-id"),
];
/// What a page may read of an answer, beside what it always may.
const READ: [HeaderName; 8] = [
    header::ETAG,
    header::LOCATION,
    header::RETRY_AFTER,
    HeaderName::from_static("idempotency-replayed"),
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("x-request-id"),
];

/// Origins whose pages may call the API, such as `https://shop.example`. None by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Vec<HeaderValue>);

/// Text that is no list of origins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("origins are https://host or http://host:port in small letters, with commas between")]
pub struct InvalidOrigins;

impl FromStr for Origins {
    type Err = InvalidOrigins;

    fn from_str(text: &str) -> Result<Self, InvalidOrigins> {
        let origins = text.split(',').map(|origin| parse(origin.trim()));
        origins.collect::<Result<_, _>>().map(Self)
    }
}

/// An origin as browsers write it (<https://fetch.spec.whatwg.org/#origin-header>): they compare
/// byte by byte, so one in another form would never be met.
fn parse(text: &str) -> Result<HeaderValue, InvalidOrigins> {
    let uri: Uri = text.parse().map_err(|_| InvalidOrigins)?;
    let web = matches!(uri.scheme_str(), Some("http" | "https"));
    let host = uri.host().is_some_and(|host| !host.contains('*'));
    let rebuilt = format!(
        "{}://{}",
        uri.scheme_str().unwrap_or_default(),
        uri.authority().map_or("", |authority| authority.as_str())
    );
    let exact = rebuilt == text && !text.contains('@') && text == text.to_ascii_lowercase();
    match web && host && exact {
        true => HeaderValue::from_str(text).map_err(|_| InvalidOrigins),
        false => Err(InvalidOrigins),
    }
}

impl Origins {
    /// Whether it is one of them.
    pub fn has(&self, origin: &str) -> bool {
        self.0.iter().any(|known| known == origin)
    }

    /// Answers browsers that ask before they send, and marks answers as readable. Nothing when no
    /// origin is allowed.
    pub(crate) fn layer(&self) -> Option<CorsLayer> {
        if self.0.is_empty() {
            return None;
        }
        let layer = CorsLayer::new()
            .allow_origin(AllowOrigin::list(self.0.iter().cloned()))
            .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
            .allow_headers(SENT)
            .expose_headers(READ)
            .max_age(REMEMBERED);
        Some(layer)
    }
}

#[cfg(test)]
mod tests;
