//! The bucket of the archive of events. A file that is written again has the same rows.

use aws_types::SdkConfig;
use domain::ports::{KeepFiles, StoreError};
use https::Roots;
use jiff::Timestamp;

use crate::ConnectError;
use crate::bucket::{Bucket, below};

/// Where all files are.
const FOLDER: &str = "events/";
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
        let path = below(FOLDER, path)?;
        self.bucket.put_file(&path, bytes, (self.now)()).await
    }

    async fn get_file(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let path = below(FOLDER, path)?;
        self.bucket.get_file(&path, (self.now)()).await
    }
}
