//! What the function is told by its environment.

use http_edge::Rates;
use lambda_boot::{ConfigError, Env, TokenSettings};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The orders table.
    pub orders: String,
    /// The catalogue table.
    pub catalog: String,
    /// The accounts table, for API keys.
    pub accounts: String,
    /// The table of limits.
    pub operations: String,
    /// How often callers may come.
    pub limits: Rates,
    /// How tokens are verified.
    pub tokens: TokenSettings,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let orders = read.text("ORDERS_TABLE");
        let catalog = read.text("CATALOG_TABLE");
        let accounts = read.text("ACCOUNTS_TABLE");
        let operations = read.text("OPERATIONS_TABLE");
        let limits = read.parsed("LIMITS");
        let tokens = read.tokens();
        read.finish(|| {
            Some(Self {
                orders: orders?,
                catalog: catalog?,
                accounts: accounts?,
                operations: operations?,
                limits: limits?,
                tokens: tokens?,
            })
        })
    }
}
