//! One bucket, over its REST API.

use aws_calls::{Answer, Calls, ConnectError, Service};
use aws_smithy_types::base64;
use aws_types::SdkConfig;
use domain::ports::StoreError;
use http::{Method, Request};
use https::Roots;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

const S3: Service = Service {
    signing_name: "s3",
    label: "s3",
    paths_as_they_are: true,
    longest_answer: 64 * 1024,
};

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
    ) -> Result<Self, ConnectError> {
        let calls = Calls::connect(config, roots, S3)?;
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

    fn request(&self, method: Method, below: &str) -> http::request::Builder {
        let address = format!("{}{below}", self.base);
        Request::builder().method(method).uri(address)
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
