//! What the function is told by its environment.

use contracts::http::Secret;
use lambda_boot::{ConfigError, Env, TokenSettings};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The orders table.
    pub orders: String,
    /// The accounts table, for API keys.
    pub accounts: String,
    /// How tokens are verified.
    pub tokens: TokenSettings,
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
        let orders = read.text("ORDERS_TABLE");
        let accounts = read.text("ACCOUNTS_TABLE");
        let tokens = read.tokens();
        let cursor_key = read.text("CURSOR_KEY");
        read.finish(|| {
            Some(Self {
                orders: orders?,
                accounts: accounts?,
                tokens: tokens?,
                cursor_key: Secret(cursor_key?),
            })
        })
    }
}
