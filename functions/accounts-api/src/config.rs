//! What the function is told by its environment.

use domain::TenantId;
use front_door::Callers;
use identity::PasswordParams;
use lambda_boot::{ConfigError, Env};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// About whoever calls, and where accounts are kept.
    pub callers: Callers,
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
        let callers = Callers::read(&mut read);
        let tenant = read.parsed("HOME_TENANT");
        let memory_kib = read.parsed("PASSWORD_MEMORY_KIB");
        let passes = read.parsed("PASSWORD_PASSES");
        read.finish(|| {
            Some(Self {
                callers: callers?,
                tenant: tenant?,
                passwords: PasswordParams {
                    memory_kib: memory_kib?,
                    passes: passes?,
                },
            })
        })
    }
}
