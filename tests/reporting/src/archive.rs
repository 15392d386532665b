//! Months into files of a folder.

use std::path::{Path, PathBuf};
use std::time::Instant;

use analytics_db::AnalyticsDb;
use domain::ports::{Cause, KeepFiles, StoreError};
use event_archive::{Archive, Done};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde::Serialize;

use crate::Result;

/// Files below a folder.
#[derive(Clone, Debug)]
struct Folder(PathBuf);

impl KeepFiles for Folder {
    async fn put_file(&self, path: &str, bytes: Vec<u8>) -> std::result::Result<(), StoreError> {
        let path = self.0.join(path);
        let parent = path.parent().map(Path::to_path_buf).unwrap_or_default();
        tokio::fs::create_dir_all(parent).await.map_err(broken)?;
        tokio::fs::write(path, bytes).await.map_err(broken)
    }

    async fn get_file(&self, path: &str) -> std::result::Result<Option<Vec<u8>>, StoreError> {
        tokio::fs::read(self.0.join(path))
            .await
            .map(Some)
            .map_err(broken)
    }
}

fn broken(error: std::io::Error) -> StoreError {
    StoreError::Broken(Cause(error.to_string()))
}

/// What became of the months.
#[derive(Debug, Serialize)]
pub(crate) struct Archived {
    months: usize,
    rows: u64,
    /// Written, read again and compared, and the table gone.
    per_second: f64,
    bytes_per_row: f64,
    /// One month back, read from its files, and compared.
    restored_per_second: f64,
}

#[expect(clippy::cast_precision_loss, reason = "rates")]
pub(crate) async fn archive(url: &str, folder: &Path, months: i8) -> Result<Archived> {
    let database = AnalyticsDb::connect_patiently(url)?;
    let archive = Archive::new(database, Folder(folder.to_owned()));
    let first: Date = date(2024, 1, 1);
    let before = first.checked_add(months.months())?;
    let (mut all, mut size, mut left) = (0_u64, 0_u64, 0);
    let start = Instant::now();
    loop {
        match archive.step(before).await? {
            Done::Nothing => break,
            Done::Part { rows, bytes, .. } => {
                all += rows;
                size += bytes;
            }
            Done::Month(_) => left += 1,
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let restored = archive.restore(first).await?;
    let restored_per_second = restored.rows as f64 / start.elapsed().as_secs_f64();
    archive.release(first).await?;
    Ok(Archived {
        months: left,
        rows: all,
        per_second: all as f64 / seconds,
        bytes_per_row: size as f64 / all as f64,
        restored_per_second,
    })
}
