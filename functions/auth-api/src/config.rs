//! What the function is told by its environment.

use contracts::http::Secret;
use domain::TenantId;
use front_door::Callers;
use http_edge::token::{Issuer, IssuerError};
use identity::PasswordParams;
use lambda_boot::{ConfigError, Env};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// About whoever calls, and where accounts are kept.
    pub callers: Callers,
    /// The private key that signs access tokens, in PEM.
    pub signing_key: Secret,
    /// The key of refresh tokens, in hexadecimal digits.
    pub refresh_key: Secret,
    /// The key of mailed links, in hexadecimal digits.
    pub link_key: Secret,
    /// The key of texted codes, in hexadecimal digits.
    pub code_key: Secret,
    /// The realtime table, with what became of texts.
    pub realtime: String,
    /// Whether only those sign in whose address was shown to be theirs.
    pub verified_only: bool,
    /// The shop that customers sign in to.
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
        let signing_key = read.text("TOKEN_SIGNING_KEY");
        let refresh_key = read.text("REFRESH_KEY");
        let link_key = read.text("LINK_KEY");
        let code_key = read.text("CODE_KEY");
        let realtime = read.text("REALTIME_TABLE");
        let verified_only = read.parsed("REQUIRE_VERIFIED");
        let tenant = read.parsed("HOME_TENANT");
        let memory_kib = read.parsed("PASSWORD_MEMORY_KIB");
        let passes = read.parsed("PASSWORD_PASSES");
        read.finish(|| {
            Some(Self {
                callers: callers?,
                signing_key: Secret(signing_key?),
                refresh_key: Secret(refresh_key?),
                link_key: Secret(link_key?),
                code_key: Secret(code_key?),
                realtime: realtime?,
                verified_only: verified_only?,
                tenant: tenant?,
                passwords: PasswordParams {
                    memory_kib: memory_kib?,
                    passes: passes?,
                },
            })
        })
    }

    /// Who makes the tokens.
    ///
    /// # Errors
    /// [`IssuerError`] when a key cannot be used.
    pub fn issuer(&self) -> Result<Issuer, IssuerError> {
        let tokens = &self.callers.tokens;
        let names = (tokens.issuer.as_str(), tokens.audience.as_str());
        Issuer::new(names, &self.signing_key.0, &self.refresh_key.0)
    }
}
