//! The bucket of the archive of events. A file that is written again has the same rows.

use aws_types::SdkConfig;
use domain::ports::{Cause, KeepFiles, StoreError};
use http::StatusCode;
use https::Roots;
use jiff::Timestamp;

use crate::ConnectError;
use crate::bucket::{Bucket, refusal};

/// Longest file, in bytes.
const LONGEST: usize = 1 << 30;

/// The bucket of files.
#[derive(Clone, Debug)]
pub struct ArchiveBucket<N> {
    bucket: Bucket,
    now: N,
}

impl ArchiveBucket<()> {
    /// The bucket with this name. Trusts these roots.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub fn connect(config: &SdkConfig, roots: &Roots, name: &str) -> Result<Self, ConnectError> {
        let bucket = Bucket::connect(config, roots, name, LONGEST)?;
        Ok(Self { bucket, now: () })
    }

    /// By this clock, whose time signs calls.
    pub fn at<N: Fn() -> Timestamp>(self, now: N) -> ArchiveBucket<N> {
        let bucket = self.bucket;
        ArchiveBucket { bucket, now }
    }
}

impl<N: Fn() -> Timestamp + Sync> KeepFiles for ArchiveBucket<N> {
    async fn put_file(&self, path: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        let put = self
            .bucket
            .upload(&below(path)?, bytes, (self.now)())
            .await?;
        match put.status {
            StatusCode::OK => Ok(()),
            _ => Err(refusal(&put.into())),
        }
    }

    async fn get_file(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.bucket.download(&below(path)?, (self.now)()).await?;
        match found.status {
            StatusCode::OK => Ok(Some(found.body.into())),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(refusal(&found.into())),
        }
    }
}

/// The path below the bucket's address. An equals sign is written as signatures have it.
fn below(path: &str) -> Result<String, StoreError> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-./=".contains(&byte);
    match path.bytes().all(is_plain) && path.starts_with("events/") {
        true => Ok(format!("/{}", path.replace('=', "%3D"))),
        false => Err(StoreError::Broken(Cause(
            "a path that is not ours".to_owned(),
        ))),
    }
}
