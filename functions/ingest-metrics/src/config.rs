//! What the function is told by its environment.

use contracts::http::Secret;
use lambda_boot::{ConfigError, Env};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address of the database, with its password.
    pub database: Secret,
    /// URL of the queue of what is refused.
    pub dead_letters: String,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let database = read.text("DATABASE_URL");
        let dead_letters = read.text("DEAD_LETTERS_URL");
        read.finish(|| {
            Some(Self {
                database: Secret(database?),
                dead_letters: dead_letters?,
            })
        })
    }
}
