//! What all functions of the HTTP API are told about their callers, and the door that they make of
//! it: access tokens, API keys, limits, refusals and origins, wired once.

use dynamo_store::{AccountsTable, OperationsTable, Table};
use http_edge::token::KeyError;
use http_edge::{Limits, Options, Origins, Rates, TokenVerifier};
use lambda_boot::{Clock, Reader, TokenSettings, new_id};

/// What a function is told about its callers.
#[derive(Clone, Debug)]
pub struct Callers {
    /// The table of accounts and API keys.
    pub accounts: String,
    /// The table of limits.
    pub operations: String,
    /// How often they may come.
    pub limits: Rates,
    /// How access tokens are verified.
    pub tokens: TokenSettings,
    /// Whose pages may call from a browser.
    pub origins: Origins,
}

impl Callers {
    /// Reads `ACCOUNTS_TABLE`, `OPERATIONS_TABLE`, `LIMITS`, `TOKEN_JWKS`, `TOKEN_ISSUER`,
    /// `TOKEN_AUDIENCE`, and `CORS_ORIGINS` (none when it is missing).
    pub fn read(read: &mut Reader<'_>) -> Option<Self> {
        let accounts = read.text("ACCOUNTS_TABLE");
        let operations = read.text("OPERATIONS_TABLE");
        let limits = read.parsed("LIMITS");
        let tokens = read.tokens();
        let origins = read.parsed_or("CORS_ORIGINS", Origins::default());
        Some(Self {
            accounts: accounts?,
            operations: operations?,
            limits: limits?,
            tokens: tokens?,
            origins: origins?,
        })
    }

    /// The door of a function, which asks the tables of keys and limits by the client of a table
    /// that it has anyway: another client is another start.
    ///
    /// # Errors
    /// When the public keys cannot be used.
    pub fn door<S>(&self, beside: &Table<S>) -> Result<Options, KeyError> {
        let now = || Clock::system().now();
        let tokens = &self.tokens;
        let verifier = TokenVerifier::new(&tokens.jwks, &tokens.issuer, &tokens.audience)?;
        let keys: AccountsTable = beside.beside(&self.accounts);
        let counters: OperationsTable = beside.beside(&self.operations);
        Ok(Options::protected(verifier, now, new_id)
            .with_keys(keys)
            .limited(Limits::new(counters.clone(), self.limits, now))
            .noting(counters, now)
            .open_to(self.origins.clone()))
    }
}
