//! What the function is told by its environment.

use front_door::Callers;
use lambda_boot::{ConfigError, Env};

/// Tables that an order needs, beside those of [`Callers`]: what strangers know them as, and the
/// variable that names them.
const TABLES: [(&str, &str); 5] = [
    ("catalogue", "CATALOG_TABLE"),
    ("inventory", "INVENTORY_TABLE"),
    ("orders", "ORDERS_TABLE"),
    ("payments", "PAYMENTS_TABLE"),
    ("shipping", "SHIPPING_TABLE"),
];

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// About whoever calls.
    pub callers: Callers,
    /// Every table that an order needs, with what strangers know it as.
    pub tables: Vec<(String, String)>,
    /// Under which name the functions count.
    pub metrics: String,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing or malformed.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let tables = TABLES.map(|(name, variable)| Some((name.to_owned(), read.text(variable)?)));
        let callers = Callers::read(&mut read);
        let metrics = read.text("METRICS_NAMESPACE");
        read.finish(|| {
            let callers = callers?;
            let tables: Option<Vec<_>> = tables.into_iter().collect();
            let mut tables = tables?;
            tables.push(("accounts".to_owned(), callers.accounts.clone()));
            tables.push(("operations".to_owned(), callers.operations.clone()));
            Some(Self {
                tables,
                callers,
                metrics: metrics?,
            })
        })
    }
}
