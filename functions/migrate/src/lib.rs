//! Brings the schema of the database up to date.
//!
//! | | |
//! |---|---|
//! | trigger | none: whoever deploys invokes it, once the deployment is through |
//! | reads, writes | the schema of PostgreSQL, as its owner |
//! | emits | – |
//! | fails with | Unavailable, where the database is away, refuses, or gives no lock in time; Internal, where a migration fails or is not what was run |
//! | safe to repeat because | each migration is run once, in a transaction of its own, and two who come at once wait for each other |

use std::future::Future;

use analytics_db::{MigrateError, Migrated};
use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::http::Secret;
use lambda_boot::{ConfigError, Env};
use serde::Serialize;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address of the database, with the password of its owner.
    pub database: Secret,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let database = read.text("DATABASE_URL");
        read.finish(|| {
            Some(Self {
                database: Secret(database?),
            })
        })
    }
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Done {
    /// Names of the migrations that were run now, in order.
    pub run: Vec<String>,
    /// Version of the schema now.
    pub version: i64,
}

/// Why the schema is not up to date.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct NotMigrated(#[from] MigrateError);

impl EdgeError for NotMigrated {
    fn name(&self) -> ErrorName {
        match self.0 {
            MigrateError::Database(_) => ErrorName::Unavailable,
            MigrateError::Schema(_) => ErrorName::Internal,
        }
    }
}

/// Says what a run comes to.
///
/// # Errors
/// [`NotMigrated`]; what was run before it stays.
pub async fn handle(
    run: impl Future<Output = Result<Migrated, MigrateError>>,
) -> Result<Done, NotMigrated> {
    let Migrated { run, version } = run.await?;
    Ok(Done { run, version })
}

#[cfg(test)]
mod tests;
