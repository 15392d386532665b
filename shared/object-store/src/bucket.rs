//! One bucket, over its REST API.

use std::time::{Duration, SystemTime};

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_types::base64;
use aws_types::SdkConfig;
use domain::ports::{Cause, StoreError};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use https::{Limits, Pool, Roots, TlsError};
use hyper::body::Bytes;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Until TCP stands.
const CONNECT: Duration = Duration::from_secs(2);
/// How long a connection waits for its next call.
const IDLE: Duration = Duration::from_secs(15);
/// From the start of a call to the last byte of its answer.
const TOTAL: Duration = Duration::from_secs(8);
/// Most of an answer that is read, in bytes.
const MOST: usize = 64 * 1024;

/// Why there is no way to a bucket.
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

/// A bucket.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    pool: Pool<Full<Bytes>>,
    /// Address of the bucket, without a slash at its end.
    base: String,
    region: String,
    credentials: SharedCredentialsProvider,
}

/// An answer that was read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: String,
}

impl Bucket {
    pub(crate) fn connect(
        config: &SdkConfig,
        roots: &Roots,
        bucket: &str,
    ) -> Result<Self, ConnectError> {
        let region = config.region().ok_or(ConnectError::Region)?.to_string();
        let credentials = config.credentials_provider();
        let base = match config.endpoint_url() {
            Some(endpoint) => format!("{}/{bucket}", endpoint.trim_end_matches('/')),
            None => format!("https://{bucket}.s3.{region}.{}", domain_of(&region)),
        };
        let limits = Limits {
            connect: CONNECT,
            idle: IDLE,
        };
        Ok(Self {
            pool: https::pool(roots, limits)?,
            base,
            region,
            credentials: credentials.ok_or(ConnectError::Credentials)?,
        })
    }

    /// Reads what is below the bucket's address, such as `/key` or `/?list-type=2`.
    pub(crate) async fn get(&self, below: &str, now: Timestamp) -> Result<Answer, StoreError> {
        let request = self.request(Method::GET, below).body(String::new());
        self.send(request, now).await
    }

    /// Puts an object where none is. Buckets whose objects are locked want a checksum.
    pub(crate) async fn put_new(
        &self,
        below: &str,
        body: &str,
        now: Timestamp,
    ) -> Result<Answer, StoreError> {
        let checksum = base64::encode(Sha256::digest(body.as_bytes()));
        let request = self
            .request(Method::PUT, below)
            .header("if-none-match", "*")
            .header("x-amz-checksum-sha256", checksum)
            .body(body.to_owned());
        self.send(request, now).await
    }

    fn request(&self, method: Method, below: &str) -> http::request::Builder {
        let address = format!("{}{below}", self.base);
        Request::builder().method(method).uri(address)
    }

    async fn send(
        &self,
        request: Result<Request<String>, http::Error>,
        now: Timestamp,
    ) -> Result<Answer, StoreError> {
        let request = request.map_err(|error| broken(&error))?;
        let request = self.signed(request, now).await?;
        let exchange = tokio::time::timeout(TOTAL, self.exchange(request));
        exchange
            .await
            .map_err(|_| unavailable("no answer in time"))?
    }

    async fn signed(
        &self,
        mut request: Request<String>,
        now: Timestamp,
    ) -> Result<Request<Full<Bytes>>, StoreError> {
        let credentials = self.credentials.provide_credentials().await;
        let identity = Identity::from(credentials.map_err(|error| broken(&error))?);
        let mut settings = SigningSettings::default();
        // S3 wants the hash of the body as a header, and takes paths as they are.
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("s3")
            .time(SystemTime::from(now))
            .settings(settings)
            .build()
            .map_err(|error| broken(&error))?;
        let headers = request.headers().iter();
        let headers =
            headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let signable = SignableRequest::new(
            request.method().as_str(),
            request.uri().to_string(),
            headers,
            SignableBody::Bytes(request.body().as_bytes()),
        );
        let signable = signable.map_err(|error| broken(&error))?;
        let signed = sign(signable, &params.into()).map_err(|error| broken(&error))?;
        let (instructions, _) = signed.into_parts();
        instructions.apply_to_request_http1x(&mut request);
        Ok(request.map(|body| Full::new(Bytes::from(body))))
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Answer, StoreError> {
        let answer = self.pool.request(request).await;
        let answer = answer.map_err(|error| unavailable(&format!("not reached: {error}")))?;
        let (parts, body) = answer.into_parts();
        let body = Limited::new(body, MOST).collect().await;
        let body = body.map_err(|error| unavailable(&format!("unreadable answer: {error}")))?;
        Ok(Answer {
            status: parts.status,
            body: String::from_utf8_lossy(&body.to_bytes()).into_owned(),
        })
    }
}

impl Answer {
    /// What an answer means that was not hoped for. Bodies of S3 name keys and requests, no data.
    pub(crate) fn refusal(&self) -> StoreError {
        let code = between(&self.body, "<Code>", "</Code>").unwrap_or("no code");
        let words = format!("{}: {code}", self.status);
        let passes = self.status.is_server_error()
            || [StatusCode::CONFLICT, StatusCode::TOO_MANY_REQUESTS].contains(&self.status);
        match passes {
            true => unavailable(&words),
            false => StoreError::Broken(Cause(words)),
        }
    }
}

/// What stands between two texts.
pub(crate) fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(inner, _)| inner)
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

fn broken(error: &dyn std::error::Error) -> StoreError {
    StoreError::Broken(Cause(error.to_string()))
}
