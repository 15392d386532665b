//! What the function is told by its environment.

use contracts::http::Secret;
use front_door::Callers;
use lambda_boot::{ConfigError, Env};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// About whoever calls.
    pub callers: Callers,
    /// Address of the database, with its password.
    pub database: Secret,
    /// Address of the Valkey that answers are shared in, where there is one, and what names begin with there.
    pub cache: Option<(Secret, String)>,
    /// URL of the queue of batches.
    pub queue: String,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing or malformed.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let callers = Callers::read(&mut read);
        let database = read.text("DATABASE_URL");
        let cache = read.optional("CACHE_URL");
        let space = read.text("CACHE_SPACE");
        let queue = read.text("METRICS_QUEUE_URL");
        read.finish(|| {
            Some(Self {
                callers: callers?,
                database: Secret(database?),
                cache: cache.map(Secret).zip(space),
                queue: queue?,
            })
        })
    }
}
