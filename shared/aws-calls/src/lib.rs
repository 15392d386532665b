//! Calls of AWS that are signed and sent by what is in every program already: for services of which
//! a call or two is needed, whose own clients would be megabytes of code.

mod body;
mod signature;

use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_types::SdkConfig;
use domain::ports::{Cause, StoreError};
use http::uri::InvalidUri;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use https::{Limits, Pool, Roots, TlsError};
use hyper::body::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use thiserror::Error;

pub use body::Body;
use signature::Signer;

/// Until TCP stands.
const CONNECT: Duration = Duration::from_secs(2);
/// How long a connection waits for its next call.
const IDLE: Duration = Duration::from_secs(15);
/// From the start of a call to the last byte of its answer.
const TOTAL: Duration = Duration::from_secs(8);

/// Why no calls can be made.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// No region.
    #[error("the region is not known")]
    Region,
    /// Nothing to sign with.
    #[error("there are no credentials")]
    Credentials,
    /// The TLS library did not start.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// Why there is no answer.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SendError {
    /// It cannot be signed or written as a request.
    #[error("it cannot be sent")]
    Broken(#[source] Cause),
    /// Nobody was reached: it is certain that nothing arrived.
    #[error("not reached")]
    NotReached(#[source] Cause),
    /// It may have arrived.
    #[error("no answer")]
    NoAnswer(#[source] Cause),
}

impl From<SendError> for StoreError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Broken(cause) => Self::Broken(cause),
            SendError::NotReached(cause) | SendError::NoAnswer(cause) => Self::Unavailable(cause),
        }
    }
}

/// A service, as far as its signatures differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name in signatures, such as `s3`.
    pub signing_name: &'static str,
    /// First label of its address (<https://docs.aws.amazon.com/general/latest/gr/rande.html>).
    pub label: &'static str,
    /// Whether it wants the hash of the body as a header, and paths as they are: S3.
    pub paths_as_they_are: bool,
    /// Most of an answer that is read, in bytes.
    pub longest_answer: usize,
}

/// The way to one service.
#[derive(Clone, Debug)]
pub struct Calls {
    pool: Pool<Full<Bytes>>,
    service: Service,
    region: String,
    signer: Arc<Signer>,
    credentials: SharedCredentialsProvider,
}

/// An answer that may be no text.
#[derive(Debug)]
pub struct Transfer {
    /// Its status.
    pub status: StatusCode,
    /// Its body.
    pub body: Bytes,
}

/// An answer that was read.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its body.
    pub body: String,
}

impl Calls {
    /// The way to a service. Trusts these roots.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub fn connect(
        config: &SdkConfig,
        roots: &Roots,
        service: Service,
    ) -> Result<Self, ConnectError> {
        let region = config.region().ok_or(ConnectError::Region)?.to_string();
        let credentials = config.credentials_provider();
        let limits = Limits {
            connect: CONNECT,
            idle: IDLE,
        };
        Ok(Self {
            pool: https::pool(roots, limits)?,
            signer: Arc::new(Signer::new(service, region.clone())),
            service,
            region,
            credentials: credentials.ok_or(ConnectError::Credentials)?,
        })
    }

    /// The address of the service, without a slash at its end: the one that all services share
    /// where the configuration names one (a local stack), else its own. `host` goes before the
    /// label, such as `bucket.`.
    pub fn address(&self, config: &SdkConfig, host: &str) -> String {
        match config.endpoint_url() {
            Some(endpoint) => endpoint.trim_end_matches('/').to_owned(),
            None => {
                let (label, region) = (self.service.label, &self.region);
                format!("https://{host}{label}.{region}.{}", domain_of(region))
            }
        }
    }

    /// Signs a request and sends it, once.
    ///
    /// # Errors
    /// `Unavailable` when nobody answered in time, `Broken` when it cannot be signed. Whether an
    /// answer is a refusal is for the caller to see.
    pub async fn send(
        &self,
        request: Result<Request<String>, http::Error>,
        now: Timestamp,
    ) -> Result<Answer, StoreError> {
        let request = request.map_err(|error| broken(&error))?.map(Body::new);
        Ok(self.send_once(request, TOTAL, now).await?)
    }

    /// The same, and tells whether it may have arrived. At most so long.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn send_once(
        &self,
        request: Request<Body>,
        limit: Duration,
        now: Timestamp,
    ) -> Result<Answer, SendError> {
        Ok(self.transfer(request, limit, now).await?.into())
    }

    /// The same for what may be no text.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn transfer(
        &self,
        mut request: Request<Body>,
        limit: Duration,
        now: Timestamp,
    ) -> Result<Transfer, SendError> {
        let credentials = self.credentials.provide_credentials().await;
        let credentials = credentials.map_err(|error| broken(&error))?;
        let signed = self.signer.sign(&mut request, &credentials, now);
        signed.map_err(|error| broken(&error))?;
        let exchange = tokio::time::timeout(limit, self.exchange(request));
        exchange
            .await
            .unwrap_or_else(|_| Err(SendError::NoAnswer(Cause("no answer in time".to_owned()))))
    }

    /// An address for `GET` that whoever has it may use for so many seconds, and no longer than the
    /// credentials of this process are good. `asked` are names and values of its query, as they are.
    ///
    /// # Errors
    /// `Unavailable` without credentials, `Broken` for an address that is none.
    pub async fn link(
        &self,
        address: &str,
        asked: &[(&str, &str)],
        (seconds, now): (u32, Timestamp),
    ) -> Result<String, StoreError> {
        let credentials = self.credentials.provide_credentials().await;
        let credentials = credentials.map_err(|error| unavailable(&error.to_string()))?;
        let address: Uri = address
            .parse()
            .map_err(|error: InvalidUri| broken(&error))?;
        let link = self
            .signer
            .link(&address, asked, (&credentials, seconds), now);
        Ok(link.map_err(|error| broken(&error))?)
    }

    /// Sends a question of the JSON protocol, once, and answers the body of what was answered with
    /// 200; `target` is prefix and operation, such as `AmazonSQS.SendMessage`.
    ///
    /// # Errors
    /// As [`Self::send`], and [`Answer::refusal`] with what the service calls it.
    pub async fn ask(
        &self,
        address: &str,
        target: &str,
        question: String,
        now: Timestamp,
    ) -> Result<String, StoreError> {
        let request = Request::post(address)
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", target)
            .body(question);
        let answer = self.send(request, now).await?;
        if answer.status == StatusCode::OK {
            return Ok(answer.body);
        }
        let refusal = serde_json::from_str::<Refusal>(&answer.body).unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        Err(answer.refusal(&format!("{operation}: {}", refusal.name())))
    }

    async fn exchange(&self, request: Request<Body>) -> Result<Transfer, SendError> {
        let request = request.map(|body| Full::new(body.bytes()));
        let answer = self.pool.request(request).await;
        let (parts, body) = answer.map_err(|error| not_answered(&error))?.into_parts();
        let body = Limited::new(body, self.service.longest_answer)
            .collect()
            .await;
        let unreadable = |error| SendError::NoAnswer(Cause(format!("unreadable answer: {error}")));
        Ok(Transfer {
            status: parts.status,
            body: body.map_err(unreadable)?.to_bytes(),
        })
    }
}

impl From<Transfer> for Answer {
    fn from(it: Transfer) -> Self {
        Self {
            status: it.status,
            body: String::from_utf8_lossy(&it.body).into_owned(),
        }
    }
}

impl Answer {
    /// What an answer means that was not hoped for. `code` is the service's own word for it, which
    /// names no data.
    pub fn refusal(&self, code: &str) -> StoreError {
        let words = format!("{}: {code}", self.status);
        // The JSON protocols say 400 to those who ask too often.
        let passes = self.status.is_server_error()
            || [StatusCode::CONFLICT, StatusCode::TOO_MANY_REQUESTS].contains(&self.status)
            || code.contains("Throttl");
        match passes {
            true => unavailable(&words),
            false => StoreError::Broken(Cause(words)),
        }
    }
}

fn domain_of(region: &str) -> &'static str {
    match region.starts_with("cn-") {
        true => "amazonaws.com.cn",
        false => "amazonaws.com",
    }
}

fn unavailable(words: &str) -> StoreError {
    StoreError::Unavailable(Cause(words.to_owned()))
}

fn not_answered(error: &https::Error) -> SendError {
    let cause = Cause(format!("not reached: {error}"));
    match error.is_connect() {
        true => SendError::NotReached(cause),
        false => SendError::NoAnswer(cause),
    }
}

fn broken(error: &dyn std::error::Error) -> SendError {
    SendError::Broken(Cause(error.to_string()))
}

#[derive(Debug, Default, Deserialize)]
struct Refusal {
    #[serde(default, rename = "__type")]
    kind: String,
}

impl Refusal {
    /// Such as `ThrottlingException`, without its namespace.
    fn name(&self) -> &str {
        self.kind.rsplit('#').next().unwrap_or_default()
    }
}
