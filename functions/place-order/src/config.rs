//! What the function is told by its environment.

use lambda_boot::{ConfigError, Env};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The orders table.
    pub orders: String,
    /// The catalogue table.
    pub catalog: String,
    /// Public keys of access tokens, as a JWKS.
    pub token_jwks: String,
    /// Who must have made a token.
    pub token_issuer: String,
    /// For whom it must have been made.
    pub token_audience: String,
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
        let token_jwks = read.text("TOKEN_JWKS");
        let token_issuer = read.text("TOKEN_ISSUER");
        let token_audience = read.text("TOKEN_AUDIENCE");
        read.finish(|| {
            Some(Self {
                orders: orders?,
                catalog: catalog?,
                token_jwks: token_jwks?,
                token_issuer: token_issuer?,
                token_audience: token_audience?,
            })
        })
    }
}
