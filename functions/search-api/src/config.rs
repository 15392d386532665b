//! What the function is told by its environment.

use contracts::http::Secret;
use domain::TenantId;
use front_door::Callers;
use lambda_boot::{ConfigError, Env};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// About whoever calls.
    pub callers: Callers,
    /// The key of cursors, in hexadecimal digits.
    pub cursor_key: Secret,
    /// Address of the database, with its password.
    pub database: Secret,
    /// The shop whose catalogue it is.
    pub tenant: TenantId,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing or malformed.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let callers = Callers::read(&mut read);
        let cursor_key = read.text("CURSOR_KEY");
        let database = read.text("DATABASE_URL");
        let tenant = read.parsed("HOME_TENANT");
        read.finish(|| {
            Some(Self {
                callers: callers?,
                cursor_key: Secret(cursor_key?),
                database: Secret(database?),
                tenant: tenant?,
            })
        })
    }
}
