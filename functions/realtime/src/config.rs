//! What the function is told by its environment.

use contracts::http::Secret;
use http_edge::Rates;
use lambda_boot::{ConfigError, Env};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The realtime table.
    pub realtime: String,
    /// The table of accounts and sessions.
    pub accounts: String,
    /// The table of limits.
    pub operations: String,
    /// How often somebody may ask.
    pub limits: Rates,
    /// The stage of the WebSocket API, `https://…`.
    pub sockets: String,
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
        let accounts = read.text("ACCOUNTS_TABLE");
        let operations = read.text("OPERATIONS_TABLE");
        let limits = read.parsed("LIMITS");
        let sockets = read.text("SOCKETS_STAGE");
        let cursor_key = read.text("CURSOR_KEY");
        read.finish(|| {
            Some(Self {
                realtime: realtime?,
                accounts: accounts?,
                operations: operations?,
                limits: limits?,
                sockets: sockets?,
                cursor_key: Secret(cursor_key?),
            })
        })
    }
}
