//! The bucket of what jobs make. A file that is written again is the same, and its life cycle removes it.

use aws_types::SdkConfig;
use domain::JobFile;
use domain::ports::{KeepFiles, LinkFiles, StoreError};
use https::Roots;
use jiff::{SignedDuration, Timestamp};

use crate::ConnectError;
use crate::bucket::{Bucket, below};

/// Where all files are.
const FOLDER: &str = "jobs/";
/// Longest file, in bytes.
const LONGEST: usize = 1 << 28;

/// The bucket of files.
#[derive(Clone, Debug)]
pub struct JobBucket<N> {
    bucket: Bucket,
    now: N,
}

impl JobBucket<()> {
    /// The bucket with this name. Trusts these roots.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub fn connect(config: &SdkConfig, roots: &Roots, name: &str) -> Result<Self, ConnectError> {
        let bucket = Bucket::connect(config, roots, name, LONGEST)?;
        Ok(Self { bucket, now: () })
    }

    /// By this clock, whose time signs calls.
    pub fn at<N: Fn() -> Timestamp>(self, now: N) -> JobBucket<N> {
        let bucket = self.bucket;
        JobBucket { bucket, now }
    }
}

impl<N: Fn() -> Timestamp + Sync> KeepFiles for JobBucket<N> {
    async fn put_file(&self, path: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        let path = below(FOLDER, path)?;
        self.bucket.put_file(&path, bytes, (self.now)()).await
    }

    async fn get_file(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let path = below(FOLDER, path)?;
        self.bucket.get_file(&path, (self.now)()).await
    }
}

impl<N: Fn() -> Timestamp + Sync> LinkFiles for JobBucket<N> {
    /// Signed with the role of this process: the link is good for no longer than its credentials.
    async fn link(&self, file: &JobFile, valid: SignedDuration) -> Result<String, StoreError> {
        let path = below(FOLDER, &file.path)?;
        let name = format!("attachment; filename=\"{}\"", file.name);
        let asked = [("response-content-disposition", name.as_str())];
        let seconds = u32::try_from(valid.as_secs()).unwrap_or(0);
        self.bucket
            .link(&path, &asked, (seconds, (self.now)()))
            .await
    }
}
