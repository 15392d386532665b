//! One bucket, over its REST API.

use std::time::Duration;

use aws_calls::{Answer, Body, Calls, ConnectError, Service, Transfer};
use aws_smithy_types::base64;
use aws_types::SdkConfig;
use domain::ports::{Cause, StoreError};
use http::{Method, Request, StatusCode};
use https::Roots;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// A file may take so long on its way.
const TRANSFER: Duration = Duration::from_secs(60);

/// A bucket.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    calls: Calls,
    /// Address of the bucket, without a slash at its end.
    base: String,
}

impl Bucket {
    pub(crate) fn connect(
        config: &SdkConfig,
        roots: &Roots,
        bucket: &str,
        longest_answer: usize,
    ) -> Result<Self, ConnectError> {
        let s3 = Service {
            signing_name: "s3",
            label: "s3",
            paths_as_they_are: true,
            longest_answer,
        };
        let calls = Calls::connect(config, roots, s3)?;
        let base = match config.endpoint_url() {
            Some(_) => format!("{}/{bucket}", calls.address(config, "")),
            None => calls.address(config, &format!("{bucket}.")),
        };
        Ok(Self { calls, base })
    }

    /// Reads what is below the bucket's address, such as `/key` or `/?list-type=2`.
    pub(crate) async fn get(&self, below: &str, now: Timestamp) -> Result<Answer, StoreError> {
        let request = self.request(Method::GET, below).body(String::new());
        self.calls.send(request, now).await
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
        self.calls.send(request, now).await
    }

    /// Reads a file, or the reason why there is none.
    async fn download(&self, below: &str, now: Timestamp) -> Result<Transfer, StoreError> {
        let request = self.request(Method::GET, below).body(Body::new(""));
        self.transfer(request, now).await
    }

    /// Puts a file, also where one is.
    async fn upload(
        &self,
        below: &str,
        bytes: Vec<u8>,
        now: Timestamp,
    ) -> Result<Transfer, StoreError> {
        let checksum = base64::encode(Sha256::digest(&bytes));
        let request = self
            .request(Method::PUT, below)
            .header("x-amz-checksum-sha256", checksum)
            .body(Body::new(bytes));
        self.transfer(request, now).await
    }

    /// An address where whoever has it may read a file for so many seconds.
    pub(crate) async fn link(
        &self,
        below: &str,
        asked: &[(&str, &str)],
        seconds_and_now: (u32, Timestamp),
    ) -> Result<String, StoreError> {
        let address = format!("{}{below}", self.base);
        self.calls.link(&address, asked, seconds_and_now).await
    }

    /// Puts a file, or says why not.
    pub(crate) async fn put_file(
        &self,
        below: &str,
        bytes: Vec<u8>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let put = self.upload(below, bytes, now).await?;
        match put.status {
            StatusCode::OK => Ok(()),
            _ => Err(refusal(&put.into())),
        }
    }

    /// Reads a file; nothing where there is none.
    pub(crate) async fn get_file(
        &self,
        below: &str,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.download(below, now).await?;
        match found.status {
            StatusCode::OK => Ok(Some(found.body.into())),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(refusal(&found.into())),
        }
    }

    async fn transfer(
        &self,
        request: Result<Request<Body>, http::Error>,
        now: Timestamp,
    ) -> Result<Transfer, StoreError> {
        let broken = |error: http::Error| StoreError::Broken(Cause(error.to_string()));
        let request = request.map_err(broken)?;
        Ok(self.calls.transfer(request, TRANSFER, now).await?)
    }

    fn request(&self, method: Method, below: &str) -> http::request::Builder {
        let address = format!("{}{below}", self.base);
        Request::builder().method(method).uri(address)
    }
}

/// The path below a bucket's address of what is in one of its folders, such as `events/`. An equals sign is
/// written as signatures have it.
pub(crate) fn below(folder: &str, path: &str) -> Result<String, StoreError> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-./=".contains(&byte);
    match path.bytes().all(is_plain) && path.starts_with(folder) {
        true => Ok(format!("/{}", path.replace('=', "%3D"))),
        false => Err(StoreError::Broken(Cause(
            "a path that is not ours".to_owned(),
        ))),
    }
}

/// What an answer means that was not hoped for.
pub(crate) fn refusal(answer: &Answer) -> StoreError {
    answer.refusal(between(&answer.body, "<Code>", "</Code>").unwrap_or("no code"))
}

/// What stands between two texts.
pub(crate) fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(inner, _)| inner)
}
