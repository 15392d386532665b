//! Keeps the full history of what readers were told, in PostgreSQL, up with their lists.
//!
//! | | |
//! |---|---|
//! | trigger | stream of the realtime table: notifications that come in or are marked, lists that are closed |
//! | reads | the images |
//! | writes | the history in PostgreSQL |
//! | emits | – |
//! | fails with | Unavailable; the stream sends the record again as long as it keeps it (24 hours) |
//! | safe to repeat because | the history only ever gains: a number is kept once, a mark and an end are never taken back |

use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::http::Secret;
use domain::ports::{Heard, KeepHistory, StoreError};
use dynamo_store::outbox::{UndecodableImage, from_stream_json};
use dynamo_store::told::told_in;
use lambda_boot::stream::{Failed, Record};
use lambda_boot::{ConfigError, Env, StreamFailure};
use tracing::error;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address of the database, with its password.
    pub database: Secret,
    /// How a failed record is told.
    pub failure: StreamFailure,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let database = read.text("DATABASE_URL");
        let failure = read.parsed("STREAM_FAILURE");
        read.finish(|| {
            Some(Self {
                database: Secret(database?),
                failure: failure?,
            })
        })
    }
}

/// Why a record is not in the history.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct NotKept(#[from] StoreError);

impl EdgeError for NotKept {
    fn name(&self) -> ErrorName {
        self.0.name()
    }
}

/// Keeps what a batch says. The first record that fails ends it: the stream sends that one again with
/// all behind it, and who waits for a database that is away need not wait for each. An image that
/// cannot be read is parked: sending it again would hold the stream up.
pub async fn handle(
    history: &(impl KeepHistory + Sync),
    records: Vec<Record>,
) -> Vec<Failed<NotKept>> {
    for record in &records {
        let kept = match heard_by(record) {
            Ok(Some(heard)) => history.hear(&heard).await,
            Ok(None) => Ok(()),
            Err(never) => {
                park(record, &never);
                Ok(())
            }
        };
        if let Err(error) = kept {
            return vec![record.failed(error.into())];
        }
    }
    Vec::new()
}

/// A removal has no new image and says nothing: what leaves a list after its time stays in the history.
fn heard_by(record: &Record) -> Result<Option<Heard>, UndecodableImage> {
    match &record.new_image {
        Some(image) => told_in(from_stream_json(image.clone())?),
        None => Ok(None),
    }
}

/// The field is what the alarm looks for.
fn park(record: &Record, why: &(dyn std::error::Error + 'static)) {
    let what = record.keys.to_string();
    error!(
        parked = true,
        what,
        error = why,
        "left in its item: it cannot be read into the history"
    );
}

#[cfg(test)]
mod tests;
