//! One HTTP exchange with a third party, and what its failure means: nothing happened, or nobody
//! knows.

use std::error::Error;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::ports::{Cause, ProviderError};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use https::{Pool, Roots};
use hyper::body::{Bytes, Incoming};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

#[cfg(test)]
mod tests;

/// Longest piece of a provider's answer that goes into an error, in characters.
const MAX_WORD: usize = 64;
/// What a segment of a path may hold as it is: what RFC 3986 calls *unreserved*.
const UNRESERVED: &AsciiSet = &DOTLESS.remove(b'.');
/// The same without dots, which could lead elsewhere.
const DOTLESS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');
/// How long a connection may wait for its next call. Shorter than servers and gateways keep idle
/// connections, because one that they dropped while a function was frozen loses the call.
const IDLE: Duration = Duration::from_secs(15);

/// Limits of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until TCP stands; a TLS handshake that hangs is an answer that does not come.
    pub connect: Duration,
    /// From the start to the last byte of the answer.
    pub total: Duration,
    /// The same for a call that only reads.
    pub read: Duration,
    /// Most of an answer that is read, in bytes.
    pub body: usize,
}

impl Default for Limits {
    /// One call that reads and one that writes are below the time limit of a step (15 s), so that
    /// their outcome is ours to report.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            total: Duration::from_secs(8),
            read: Duration::from_secs(3),
            body: 64 * 1024,
        }
    }
}

/// Why a client cannot be made.
#[derive(Debug, Error)]
pub enum ClientError {
    /// Not an `http` or `https` address.
    #[error("the provider's address is not a URL of http or https")]
    Address,
    /// Has characters that no header can carry.
    #[error("the provider's key has characters that cannot be sent")]
    Key,
    /// The TLS library did not start.
    #[error(transparent)]
    Tls(#[from] https::TlsError),
}

/// An answer that is neither *down* nor *unknown*.
#[derive(Debug)]
pub(crate) struct Reply {
    /// What was called, for errors: method and kind of thing, no ids.
    pub(crate) call: &'static str,
    pub(crate) status: u16,
    body: Bytes,
}

/// Calls one third party. Its key is in a header that is marked as sensitive, so that not even
/// debug output shows it.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pool: Pool<Full<Bytes>>,
    /// Without a slash at its end.
    base: String,
    credentials: HeaderValue,
    limits: Limits,
}

/// A request to be sent once.
#[derive(Debug)]
pub(crate) struct Call {
    request: Result<Request<Full<Bytes>>, http::Error>,
    limit: Duration,
}

impl Caller {
    /// Who shows a key.
    pub(crate) fn new(base: &str, key: &str, limits: Limits) -> Result<Self, ClientError> {
        Self::knowing(base, &format!("Bearer {key}"), limits)
    }

    /// Who shows a name and a password.
    pub(crate) fn basic(
        base: &str,
        (name, password): (&str, &str),
        limits: Limits,
    ) -> Result<Self, ClientError> {
        let both = STANDARD.encode(format!("{name}:{password}"));
        Self::knowing(base, &format!("Basic {both}"), limits)
    }

    fn knowing(base: &str, credentials: &str, limits: Limits) -> Result<Self, ClientError> {
        let address: Uri = base.parse().map_err(|_| ClientError::Address)?;
        let is_http = matches!(address.scheme_str(), Some("http" | "https"));
        if !is_http || base.contains(['?', '#']) {
            return Err(ClientError::Address);
        }
        let mut credentials = HeaderValue::from_str(credentials).map_err(|_| ClientError::Key)?;
        credentials.set_sensitive(true);
        let kept = https::Limits {
            connect: limits.connect,
            idle: IDLE,
        };
        Ok(Self {
            pool: https::pool(&Roots::public(), kept)?,
            base: base.trim_end_matches('/').to_owned(),
            credentials,
            limits,
        })
    }

    /// A request to the path below the base address.
    pub(crate) fn request(&self, method: Method, path: &[&str]) -> Call {
        self.call(method, self.address(path))
    }

    /// A request that only reads.
    pub(crate) fn read(&self, path: &[&str], query: &[(&str, String)]) -> Call {
        let mut address = self.address(path);
        if !query.is_empty() {
            address.push('?');
            address.push_str(&form(query));
        }
        Call {
            limit: self.limits.read,
            ..self.call(Method::GET, address)
        }
    }

    fn address(&self, path: &[&str]) -> String {
        let mut address = self.base.clone();
        for segment in path {
            let kept = match segment == &"." || segment.contains("..") {
                true => DOTLESS,
                false => UNRESERVED,
            };
            address.push('/');
            address.extend(utf8_percent_encode(segment, kept));
        }
        address
    }

    fn call(&self, method: Method, address: String) -> Call {
        let request = Request::builder()
            .method(method)
            .uri(address)
            .header(AUTHORIZATION, self.credentials.clone())
            .header(ACCEPT, "application/json")
            .body(Full::default());
        Call {
            request,
            limit: self.limits.total,
        }
    }

    /// Sends the request once; what was not answered in time is unknown.
    pub(crate) async fn send(
        &self,
        name: &'static str,
        call: Call,
    ) -> Result<Reply, ProviderError> {
        match tokio::time::timeout(call.limit, self.exchange(name, call)).await {
            Ok(reply) => reply,
            Err(_) => Err(unknown(name, "no answer in time")),
        }
    }

    async fn exchange(&self, name: &'static str, call: Call) -> Result<Reply, ProviderError> {
        let request = call
            .request
            .map_err(|error| ProviderError::Unexpected(cause_of(name, &error)))?;
        let sent = self.pool.request(request).await;
        let response = sent.map_err(|error| not_sent_or_lost(name, &error))?;
        let status = response.status().as_u16();
        let cause = || Cause(format!("{name}: answered {status}"));
        match status {
            // Both mean that the request was not looked at.
            429 | 503 => return Err(ProviderError::Down(cause())),
            408 | 500..=599 => return Err(ProviderError::Unknown(cause())),
            401 | 403 | 300..=399 => return Err(ProviderError::Unexpected(cause())),
            _ => {}
        }
        let body = self.body(name, response).await?;
        Ok(Reply {
            call: name,
            status,
            body,
        })
    }

    async fn body(&self, name: &str, response: Response<Incoming>) -> Result<Bytes, ProviderError> {
        let limit = self.limits.body;
        match Limited::new(response.into_body(), limit).collect().await {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(unknown(
                name,
                &format!("an answer of more than {limit} bytes"),
            )),
            Err(error) => Err(ProviderError::Unknown(cause_of(name, error.as_ref()))),
        }
    }
}

impl Call {
    /// With this header.
    pub(crate) fn header(self, name: HeaderName, value: &str) -> Self {
        let request = self.request.and_then(|mut request| {
            request
                .headers_mut()
                .insert(name, HeaderValue::from_str(value)?);
            Ok(request)
        });
        Self { request, ..self }
    }

    /// With a form as its body.
    pub(crate) fn form(self, fields: &[(&str, String)]) -> Self {
        self.body(
            "application/x-www-form-urlencoded",
            form(fields).into_bytes(),
        )
    }

    /// With a JSON body, of a type that can always be written.
    pub(crate) fn json(self, body: &impl Serialize) -> Self {
        self.body(
            "application/json",
            serde_json::to_vec(body).unwrap_or_default(),
        )
    }

    fn body(self, content_type: &'static str, body: Vec<u8>) -> Self {
        let request = self.request.map(|mut request| {
            let content_type = HeaderValue::from_static(content_type);
            request.headers_mut().insert(CONTENT_TYPE, content_type);
            request.map(|_| Full::from(body))
        });
        Self { request, ..self }
    }
}

fn form(fields: &[(&str, String)]) -> String {
    let mut text = form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(fields).finish()
}

fn unknown(name: &str, words: &str) -> ProviderError {
    ProviderError::Unknown(Cause(format!("{name}: {words}")))
}

/// Without a connection nothing was sent; anything later may have arrived.
fn not_sent_or_lost(name: &str, error: &https::Error) -> ProviderError {
    if error.is_connect() {
        ProviderError::Down(cause_of(name, error))
    } else {
        ProviderError::Unknown(cause_of(name, error))
    }
}

/// The chain of causes in one line. None of them quotes the address, which holds ids.
fn cause_of(name: &str, error: &(dyn Error + 'static)) -> Cause {
    let mut text = format!("{name}: {error}");
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    Cause(text)
}

impl Reply {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body, where the call cannot be judged without it.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, ProviderError> {
        // The parser's own words could quote the body.
        self.json_if_any()
            .ok_or_else(|| ProviderError::Unknown(self.cause("with a body that cannot be read")))
    }

    /// The body, where it only adds detail.
    pub(crate) fn json_if_any<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    pub(crate) fn unexpected(&self, words: &str) -> ProviderError {
        ProviderError::Unexpected(self.cause(words))
    }

    pub(crate) fn down(&self, words: &str) -> ProviderError {
        ProviderError::Down(self.cause(words))
    }

    pub(crate) fn refused(&self, words: &str) -> ProviderError {
        ProviderError::Refused(self.cause(words))
    }

    pub(crate) fn unknown(&self, words: &str) -> ProviderError {
        ProviderError::Unknown(self.cause(words))
    }

    fn cause(&self, words: &str) -> Cause {
        Cause(format!("{}: answered {} {words}", self.call, self.status))
    }
}

/// A provider's code as a word that may be logged: cut, and without characters that could carry
/// anything but a code.
pub(crate) fn word(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        .take(MAX_WORD)
        .collect()
}
