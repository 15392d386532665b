//! What the function is told by its environment.

use contracts::http::Secret;
use front_door::Callers;
use lambda_boot::{ConfigError, Env};

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
    /// About whoever calls.
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
        let orders = read.text("ORDERS_TABLE");
        let inventory = read.text("INVENTORY_TABLE");
        let payments = read.text("PAYMENTS_TABLE");
        let shipping = read.text("SHIPPING_TABLE");
        let callers = Callers::read(&mut read);
        let cursor_key = read.text("CURSOR_KEY");
        read.finish(|| {
            Some(Self {
                orders: orders?,
                inventory: inventory?,
                payments: payments?,
                shipping: shipping?,
                callers: callers?,
                cursor_key: Secret(cursor_key?),
            })
        })
    }
}
