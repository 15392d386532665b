//! The buckets of files: of the archive of events, and of what jobs make. A file that is written again replaces
//! what was there: of the archive it has the same rows, of a job what is true now.

use aws_types::SdkConfig;
use domain::JobFile;
use domain::ports::{KeepFiles, LinkFiles, StoreError};
use https::Roots;
use jiff::{SignedDuration, Timestamp};

use crate::ConnectError;
use crate::bucket::{Bucket, below};

/// Longest file of the archive, in bytes.
const LONGEST_MONTH: usize = 1 << 30;
/// Longest file that a job makes, in bytes.
const LONGEST_RESULT: usize = 1 << 28;

/// A bucket of files, all of them in one folder.
#[derive(Clone, Debug)]
pub struct FileBucket<N> {
    bucket: Bucket,
    folder: &'static str,
    now: N,
}

impl FileBucket<()> {
    /// The bucket of the archive. Trusts these roots.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub fn archive(config: &SdkConfig, roots: &Roots, name: &str) -> Result<Self, ConnectError> {
        let bucket = Bucket::connect(config, roots, name, LONGEST_MONTH)?;
        Ok(Self::of(bucket, "events/"))
    }

    /// The bucket of what jobs make, whose life cycle removes it. Trusts these roots.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub fn jobs(config: &SdkConfig, roots: &Roots, name: &str) -> Result<Self, ConnectError> {
        let bucket = Bucket::connect(config, roots, name, LONGEST_RESULT)?;
        Ok(Self::of(bucket, "jobs/"))
    }

    const fn of(bucket: Bucket, folder: &'static str) -> Self {
        Self {
            bucket,
            folder,
            now: (),
        }
    }

    /// By this clock, whose time signs calls.
    pub fn at<N: Fn() -> Timestamp>(self, now: N) -> FileBucket<N> {
        FileBucket {
            bucket: self.bucket,
            folder: self.folder,
            now,
        }
    }
}

impl<N: Fn() -> Timestamp + Sync> KeepFiles for FileBucket<N> {
    async fn put_file(&self, path: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        let path = below(self.folder, path)?;
        self.bucket.put_file(&path, bytes, (self.now)()).await
    }

    async fn get_file(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let path = below(self.folder, path)?;
        self.bucket.get_file(&path, (self.now)()).await
    }
}

impl<N: Fn() -> Timestamp + Sync> LinkFiles for FileBucket<N> {
    /// Signed with the role of this process: the link is good for no longer than its credentials.
    async fn link(&self, file: &JobFile, valid: SignedDuration) -> Result<String, StoreError> {
        let path = below(self.folder, &file.path)?;
        let name = format!("attachment; filename=\"{}\"", file.name);
        let asked = [("response-content-disposition", name.as_str())];
        let seconds = u32::try_from(valid.as_secs()).unwrap_or(0);
        self.bucket
            .link(&path, &asked, (seconds, (self.now)()))
            .await
    }
}
