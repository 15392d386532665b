//! What the function is told by its environment.

use contracts::http::Secret;
use domain::TenantId;
use http_edge::Rates;
use lambda_boot::{ConfigError, Env, TokenSettings};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The catalogue table.
    pub catalogue: String,
    /// The table of API keys.
    pub accounts: String,
    /// The table of limits.
    pub operations: String,
    /// How often callers may come.
    pub limits: Rates,
    /// How tokens are verified.
    pub tokens: TokenSettings,
    /// The key of cursors, in hexadecimal digits.
    pub cursor_key: Secret,
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
        let catalogue = read.text("CATALOG_TABLE");
        let accounts = read.text("ACCOUNTS_TABLE");
        let operations = read.text("OPERATIONS_TABLE");
        let limits = read.parsed("LIMITS");
        let tokens = read.tokens();
        let cursor_key = read.text("CURSOR_KEY");
        let tenant = read.parsed("HOME_TENANT");
        read.finish(|| {
            Some(Self {
                catalogue: catalogue?,
                accounts: accounts?,
                operations: operations?,
                limits: limits?,
                tokens: tokens?,
                cursor_key: Secret(cursor_key?),
                tenant: tenant?,
            })
        })
    }
}
