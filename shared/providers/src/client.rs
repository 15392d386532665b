//! One HTTP exchange with a third party, and what its failure means: nothing happened, or nobody
//! knows.

use std::error::Error;
use std::time::Duration;

use domain::ports::{Cause, ProviderError};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, Response, Url, redirect, retry};
use serde::de::DeserializeOwned;
use thiserror::Error;

#[cfg(test)]
mod tests;

/// Longest piece of a provider's answer that goes into an error, in characters.
const MAX_WORD: usize = 64;
/// How long a connection may wait for its next call. Shorter than servers and gateways keep idle
/// connections, because one that they dropped while a function was frozen loses the call.
const IDLE: Duration = Duration::from_secs(15);

/// Limits of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until the connection stands.
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
    #[error("the HTTP client cannot be built")]
    Build(#[source] reqwest::Error),
}

/// An answer that is neither *down* nor *unknown*.
#[derive(Debug)]
pub(crate) struct Reply {
    /// What was called, for errors: method and kind of thing, no ids.
    pub(crate) call: &'static str,
    pub(crate) status: u16,
    body: Vec<u8>,
}

/// Calls one third party. Its key is in a header that is marked as sensitive, so that not even
/// debug output shows it.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    client: Client,
    base: Url,
    limits: Limits,
}

impl Caller {
    pub(crate) fn new(base: &str, key: &str, limits: Limits) -> Result<Self, ClientError> {
        let base = Url::parse(base).map_err(|_| ClientError::Address)?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(ClientError::Address);
        }
        let mut bearer =
            HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| ClientError::Key)?;
        bearer.set_sensitive(true);
        let client = Client::builder()
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
            .connect_timeout(limits.connect)
            .timeout(limits.total)
            .pool_idle_timeout(IDLE)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .build()
            .map_err(ClientError::Build)?;
        Ok(Self {
            client,
            base,
            limits,
        })
    }

    /// A request to the path below the base address.
    pub(crate) fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        let mut url = self.base.clone();
        // Always a base: its scheme was checked.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        self.client.request(method, url)
    }

    /// A request that only reads.
    pub(crate) fn read(&self, path: &[&str]) -> RequestBuilder {
        self.request(Method::GET, path).timeout(self.limits.read)
    }

    /// Sends the request once.
    pub(crate) async fn send(
        &self,
        call: &'static str,
        request: RequestBuilder,
    ) -> Result<Reply, ProviderError> {
        let response = request
            .send()
            .await
            .map_err(|error| not_sent_or_lost(call, error))?;
        let status = response.status().as_u16();
        let cause = || Cause(format!("{call}: answered {status}"));
        match status {
            // Both mean that the request was not looked at.
            429 | 503 => return Err(ProviderError::Down(cause())),
            408 | 500..=599 => return Err(ProviderError::Unknown(cause())),
            401 | 403 | 300..=399 => return Err(ProviderError::Unexpected(cause())),
            _ => {}
        }
        let body = self.body(call, response).await?;
        Ok(Reply { call, status, body })
    }

    async fn body(&self, call: &str, mut response: Response) -> Result<Vec<u8>, ProviderError> {
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| ProviderError::Unknown(cause_of(call, error)))?
        {
            if body.len().saturating_add(chunk.len()) > self.limits.body {
                let limit = self.limits.body;
                let text = format!("{call}: an answer of more than {limit} bytes");
                return Err(ProviderError::Unknown(Cause(text)));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// Without a connection nothing was sent; anything later may have arrived.
fn not_sent_or_lost(call: &str, error: reqwest::Error) -> ProviderError {
    if error.is_connect() {
        ProviderError::Down(cause_of(call, error))
    } else if error.is_builder() {
        ProviderError::Unexpected(cause_of(call, error))
    } else {
        ProviderError::Unknown(cause_of(call, error))
    }
}

/// The chain of causes in one line, without the address: it holds ids.
fn cause_of(call: &str, error: reqwest::Error) -> Cause {
    let error = error.without_url();
    let mut text = format!("{call}: {error}");
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
