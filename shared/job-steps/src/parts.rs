//! A sheet that is made in parts, one for each step, and put together at the end.

use std::fmt::Display;

use domain::ports::{Cause, KeepFiles, StoreError};
use domain::{Job, JobFile};
use jiff::civil::Date;

use crate::step::StepError;

/// The cursor behind the last part.
pub(crate) const TOGETHER: &str = "together";

/// Where a part is kept.
pub(crate) fn part(job: &Job, name: impl Display) -> String {
    format!("jobs/{}/{name}", job.id)
}

/// A part that was put in its place before.
pub(crate) async fn get(
    files: &impl KeepFiles,
    job: &Job,
    name: impl Display,
) -> Result<Vec<u8>, StepError> {
    let bytes = files.get_file(&part(job, &name)).await?;
    Ok(bytes.ok_or_else(|| broken(format!("part {name} is not there")))?)
}

/// Puts the whole in its place, under a name that it is downloaded by.
pub(crate) async fn keep(
    files: &impl KeepFiles,
    job: &Job,
    (name, whole): (String, Vec<u8>),
) -> Result<JobFile, StepError> {
    let file = JobFile {
        path: part(job, "result"),
        name,
        bytes: u64::try_from(whole.len()).unwrap_or(u64::MAX),
    };
    files.put_file(&file.path, whole).await?;
    Ok(file)
}

/// What a cursor or the files of a job cannot be.
pub(crate) fn broken(words: impl Into<String>) -> StoreError {
    StoreError::Broken(Cause(words.into()))
}

/// A day of a cursor.
pub(crate) fn day(text: &str) -> Result<Date, StoreError> {
    text.parse().map_err(|_| broken("no day of ours"))
}

/// Both days are in it.
pub(crate) fn days(from: Date, to: Date) -> u64 {
    let days = from.until(to).map_or(0, |span| span.get_days());
    u64::from(days.unsigned_abs()) + 1
}
