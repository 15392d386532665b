//! What the function is told by its environment.

use contracts::http::Secret;
use http_edge::Rates;
use lambda_boot::{ConfigError, Env, TokenSettings};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The orders table.
    pub orders: String,
    /// The inventory table.
    pub inventory: String,
    /// The payments table.
    pub payments: String,
    /// The shipping table.
    pub shipping: String,
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
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let orders = read.text("ORDERS_TABLE");
        let inventory = read.text("INVENTORY_TABLE");
        let payments = read.text("PAYMENTS_TABLE");
        let shipping = read.text("SHIPPING_TABLE");
        let accounts = read.text("ACCOUNTS_TABLE");
        let operations = read.text("OPERATIONS_TABLE");
        let limits = read.parsed("LIMITS");
        let tokens = read.tokens();
        let cursor_key = read.text("CURSOR_KEY");
        read.finish(|| {
            Some(Self {
                orders: orders?,
                inventory: inventory?,
                payments: payments?,
                shipping: shipping?,
                accounts: accounts?,
                operations: operations?,
                limits: limits?,
                tokens: tokens?,
                cursor_key: Secret(cursor_key?),
            })
        })
    }
}
