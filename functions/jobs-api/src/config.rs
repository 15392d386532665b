//! What the function is told by its environment.

use contracts::http::Secret;
use domain::TenantId;
use front_door::Callers;
use lambda_boot::{ConfigError, Env};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// About whoever calls, the operations table among it.
    pub callers: Callers,
    /// The queue that wakes `run-jobs`.
    pub queue: String,
    /// The bucket of what jobs made.
    pub files: String,
    /// The shop that the deployment is of.
    pub home: TenantId,
    /// The key of cursors, in hexadecimal digits.
    pub cursor_key: Secret,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let callers = Callers::read(&mut read);
        let queue = read.text("JOBS_QUEUE");
        let files = read.text("JOB_FILES");
        let home = read.parsed("HOME_TENANT");
        let cursor_key = read.text("CURSOR_KEY");
        read.finish(|| {
            Some(Self {
                callers: callers?,
                queue: queue?,
                files: files?,
                home: home?,
                cursor_key: Secret(cursor_key?),
            })
        })
    }
}
