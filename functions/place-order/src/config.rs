//! What the function is told by its environment.

use domain::Tariff;
use front_door::Callers;
use lambda_boot::{ConfigError, Env};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The orders table.
    pub orders: String,
    /// The catalogue table.
    pub catalog: String,
    /// What is added to prices.
    pub tariff: Tariff,
    /// About whoever calls.
    pub callers: Callers,
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
        let tariff = read.parsed("TARIFF");
        let callers = Callers::read(&mut read);
        read.finish(|| {
            Some(Self {
                orders: orders?,
                catalog: catalog?,
                tariff: tariff?,
                callers: callers?,
            })
        })
    }
}
