//! What the function is told by its environment.

use contracts::http::Secret;
use front_door::Callers;
use lambda_boot::{ConfigError, Env};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The realtime table.
    pub realtime: String,
    /// About whoever calls, the accounts table among it.
    pub callers: Callers,
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
        let realtime = read.text("REALTIME_TABLE");
        let callers = Callers::read(&mut read);
        let cursor_key = read.text("CURSOR_KEY");
        read.finish(|| {
            Some(Self {
                realtime: realtime?,
                callers: callers?,
                cursor_key: Secret(cursor_key?),
            })
        })
    }
}
