//! What the function is told by its environment.

use front_door::Callers;
use lambda_boot::{ConfigError, Env};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// About whoever calls.
    pub callers: Callers,
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
        let queue = read.text("METRICS_QUEUE_URL");
        read.finish(|| {
            Some(Self {
                callers: callers?,
                queue: queue?,
            })
        })
    }
}
