//! Moves the events of old months out of the database into the archive.
//!
//! | | |
//! |---|---|
//! | trigger | every hour |
//! | reads, writes | PostgreSQL: the table of a month and what is noted of it; the bucket of the archive |
//! | emits | – |
//! | fails with | Internal, where rows are missing or a file is not what was written, until a person has looked; Unavailable |
//! | safe to repeat because | each part is noted once its files were read again, a part that is written twice is the same, and a month leaves only when nothing is missing |

use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::http::Secret;
use domain::oldest_open_month;
use domain::ports::{ArchiveEvents, KeepFiles, LetGoError};
use event_archive::{Archive, ArchiveError, Done};
use jiff::{SignedDuration, Timestamp};
use lambda_boot::{ConfigError, Env};
use serde::Serialize;

/// After so long nothing new is begun: the function may take a quarter of an hour, and a part a minute.
const BEGINS_WITHIN: SignedDuration = SignedDuration::from_mins(12);

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address of the database, with its password.
    pub database: Secret,
    /// The bucket of the archive.
    pub bucket: String,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let database = read.text("DATABASE_URL");
        let bucket = read.text("EVENT_ARCHIVE");
        read.finish(|| {
            Some(Self {
                database: Secret(database?),
                bucket: bucket?,
            })
        })
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Archived {
    /// Parts that are in the archive now.
    pub parts: u32,
    /// Their rows.
    pub rows: u64,
    /// Months that left the database.
    pub months: u32,
}

/// Why it ended early.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ArchiveAnalyticsError(#[from] ArchiveError);

impl EdgeError for ArchiveAnalyticsError {
    fn name(&self) -> ErrorName {
        match &self.0 {
            ArchiveError::Store(error) | ArchiveError::LetGo(LetGoError::Store(error)) => {
                error.name()
            }
            _ => ErrorName::Internal,
        }
    }
}

/// Archives what is old until nothing is left, or the time is over: the next hour goes on there.
///
/// # Errors
/// [`ArchiveAnalyticsError`]; what was done before stays.
pub async fn handle(
    archive: &Archive<impl ArchiveEvents, impl KeepFiles>,
    now: impl Fn() -> Timestamp,
) -> Result<Archived, ArchiveAnalyticsError> {
    let begun = now();
    let before = oldest_open_month(begun);
    let mut archived = Archived::default();
    while now().duration_since(begun) < BEGINS_WITHIN {
        match archive.step(before).await? {
            Done::Nothing => break,
            Done::Part { rows, .. } => {
                archived.parts += 1;
                archived.rows += rows;
            }
            Done::Month(_) => archived.months += 1,
        }
    }
    Ok(archived)
}

#[cfg(test)]
mod tests;
