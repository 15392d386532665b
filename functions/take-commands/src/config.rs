//! What the function is told by its environment.

use domain::{Tariff, TenantId};
use lambda_boot::{ConfigError, Env};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The shop that takes commands.
    pub shop: TenantId,
    /// The orders table.
    pub orders: String,
    /// The catalogue table.
    pub catalog: String,
    /// The shipping table.
    pub shipping: String,
    /// What is added to prices.
    pub tariff: Tariff,
    /// URL of the queue of what is refused.
    pub dead_letters: String,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing or malformed.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let shop = read.parsed("HOME_TENANT");
        let orders = read.text("ORDERS_TABLE");
        let catalog = read.text("CATALOG_TABLE");
        let shipping = read.text("SHIPPING_TABLE");
        let tariff = read.parsed("TARIFF");
        let dead_letters = read.text("DEAD_LETTERS_URL");
        read.finish(|| {
            Some(Self {
                shop: shop?,
                orders: orders?,
                catalog: catalog?,
                shipping: shipping?,
                tariff: tariff?,
                dead_letters: dead_letters?,
            })
        })
    }
}
