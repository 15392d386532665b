//! The bucket of the audit log's anchors. Its objects are locked: nobody replaces or removes one.

use audit::KeepAnchors;
use aws_types::SdkConfig;
use domain::ports::{Cause, StoreError};
use http::StatusCode;
use https::Roots;
use jiff::Timestamp;

use crate::ConnectError;
use crate::bucket::{Bucket, between, refusal};

/// The newest name of the folder sorts first, and one is enough.
const NEWEST: &str = "/?list-type=2&max-keys=1&prefix=anchors%2F";

/// Longest answer, in bytes.
const LONGEST: usize = 64 * 1024;

/// The bucket of anchors.
#[derive(Clone, Debug)]
pub struct AnchorBucket<N> {
    bucket: Bucket,
    now: N,
}

impl AnchorBucket<()> {
    /// The bucket with this name. Trusts these roots.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub fn connect(config: &SdkConfig, roots: &Roots, name: &str) -> Result<Self, ConnectError> {
        let bucket = Bucket::connect(config, roots, name, LONGEST)?;
        Ok(Self { bucket, now: () })
    }

    /// By this clock, whose time signs calls.
    pub fn at<N: Fn() -> Timestamp>(self, now: N) -> AnchorBucket<N> {
        let bucket = self.bucket;
        AnchorBucket { bucket, now }
    }
}

impl<N: Fn() -> Timestamp + Sync> KeepAnchors for AnchorBucket<N> {
    type Error = StoreError;

    async fn newest(&self) -> Result<Option<String>, StoreError> {
        let listed = self.bucket.get(NEWEST, (self.now)()).await?;
        if listed.status != StatusCode::OK {
            return Err(refusal(&listed));
        }
        let Some(name) = between(&listed.body, "<Key>", "</Key>") else {
            return Ok(None);
        };
        let path = format!("/{}", plain(name)?);
        let found = self.bucket.get(&path, (self.now)()).await?;
        match found.status {
            StatusCode::OK => Ok(Some(found.body)),
            _ => Err(refusal(&found)),
        }
    }

    async fn keep(&self, name: &str, text: &str) -> Result<(), StoreError> {
        let path = format!("/{}", plain(name)?);
        let kept = self.bucket.put_new(&path, text, (self.now)()).await?;
        match kept.status {
            StatusCode::OK | StatusCode::PRECONDITION_FAILED => Ok(()),
            _ => Err(refusal(&kept)),
        }
    }
}

/// Names of ours have no character that an address or XML writes differently.
fn plain(name: &str) -> Result<&str, StoreError> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-./".contains(&byte);
    match name.bytes().all(is_plain) && name.starts_with("anchors/") {
        true => Ok(name),
        false => Err(StoreError::Broken(Cause(
            "a name that is not ours".to_owned(),
        ))),
    }
}
