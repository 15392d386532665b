//! What the function is told by its environment.

use contracts::http::Secret;
use lambda_boot::{ConfigError, Env};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The operations table, with the jobs.
    pub operations: String,
    /// The catalogue table.
    pub catalog: String,
    /// Address of the database for whoever writes, with its password.
    pub database: Secret,
    /// The same for whoever moves months of events.
    pub archiver: Secret,
    /// The bucket of what jobs made.
    pub files: String,
    /// The bucket of the archive.
    pub archive: String,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let [operations, catalog] = ["OPERATIONS_TABLE", "CATALOG_TABLE"].map(|it| read.text(it));
        let [database, archiver] =
            ["DATABASE_URL", "DATABASE_ARCHIVER_URL"].map(|it| read.text(it));
        let [files, archive] = ["JOB_FILES", "EVENT_ARCHIVE"].map(|it| read.text(it));
        read.finish(|| {
            Some(Self {
                operations: operations?,
                catalog: catalog?,
                database: Secret(database?),
                archiver: Secret(archiver?),
                files: files?,
                archive: archive?,
            })
        })
    }
}
