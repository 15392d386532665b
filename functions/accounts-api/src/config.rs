//! What the function is told by its environment.

use domain::TenantId;
use http_edge::Rates;
use identity::PasswordParams;
use lambda_boot::{ConfigError, Env, TokenSettings};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The accounts table.
    pub accounts: String,
    /// The table of limits.
    pub operations: String,
    /// How often callers may come.
    pub limits: Rates,
    /// How tokens are verified.
    pub tokens: TokenSettings,
    /// The shop that customers register in.
    pub tenant: TenantId,
    /// What the hash of a password costs.
    pub passwords: PasswordParams,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing or malformed.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let accounts = read.text("ACCOUNTS_TABLE");
        let operations = read.text("OPERATIONS_TABLE");
        let limits = read.parsed("LIMITS");
        let tokens = read.tokens();
        let tenant = read.parsed("HOME_TENANT");
        let memory_kib = read.parsed("PASSWORD_MEMORY_KIB");
        let passes = read.parsed("PASSWORD_PASSES");
        read.finish(|| {
            Some(Self {
                accounts: accounts?,
                operations: operations?,
                limits: limits?,
                tokens: tokens?,
                tenant: tenant?,
                passwords: PasswordParams {
                    memory_kib: memory_kib?,
                    passes: passes?,
                },
            })
        })
    }
}
