//! `cartwright token`: access tokens for development, signed with the key whose public half was
//! deployed.

use std::fmt;
use std::io::{self, Write};

use clap::Args;
use http_edge::Role;
use http_edge::token::{Claims, SignError, SigningKey};
use jiff::Timestamp;
use serde::Serialize;
use thiserror::Error;

use crate::failure::{Ending, Failure};
use crate::output::Output;
use crate::settings::Settings;

#[cfg(test)]
mod tests;

/// A week: long enough to come back to a stack, short enough to be worthless when found.
const TTL: i64 = 7 * 24 * 60 * 60;
/// What the template says unless told otherwise.
const ISSUER: &str = "https://cartwright.example";
const AUDIENCE: &str = "cartwright-api";
/// Subject of a token that is nobody's.
const STAFF: &str = "admin";

/// Make an access token for development.
#[derive(Debug, Args)]
pub(crate) struct Token {
    /// For the customer with this id.
    #[arg(long, value_name = "ID", value_parser = customer, required_unless_present = "admin")]
    customer: Option<String>,
    /// For staff, who may see and change everything.
    #[arg(long, conflicts_with = "customer")]
    admin: bool,
    /// Where the customer is told about their orders.
    #[arg(long, conflicts_with = "admin")]
    email: Option<String>,
    /// For how many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = TTL, value_parser = clap::value_parser!(i64).range(1..=365 * 24 * 60 * 60))]
    ttl: i64,
    /// Whose shop.
    #[arg(long, default_value = "main", value_parser = tenant)]
    tenant: String,
}

/// Why there is no token.
#[derive(Debug, Error)]
pub(crate) enum TokenError {
    #[error("the key file {path} cannot be read")]
    File {
        path: String,
        #[source]
        source: io::Error,
    },
    #[error("CARTWRIGHT_TOKEN_KEY names no private RSA key")]
    Key(#[source] SignError),
    #[error(transparent)]
    Sign(#[from] SignError),
}

#[derive(Debug, Serialize)]
struct Minted {
    token: String,
    subject: String,
    tenant: String,
    roles: Vec<&'static str>,
    expires_at: Option<Timestamp>,
}

/// The token alone, so that a script can take it as it is.
impl fmt::Display for Minted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.token)
    }
}

impl Token {
    pub(crate) fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        let path = settings.one("CARTWRIGHT_TOKEN_KEY")?;
        let pem = std::fs::read_to_string(path).map_err(|source| TokenError::File {
            path: path.to_owned(),
            source,
        })?;
        let claims = self.claims(settings, crate::now().as_second());
        let token = signing_key(&pem)?.mint(&claims).map_err(TokenError::Sign)?;
        output.say(&Minted {
            token,
            subject: claims.sub,
            tenant: claims.tenant,
            roles: claims.roles.iter().map(|role| role.name()).collect(),
            expires_at: Timestamp::from_second(claims.exp).ok(),
        })?;
        Ok(Ending::Done)
    }

    fn claims(&self, settings: &Settings, now: i64) -> Claims {
        let or = |name, default: &str| settings.optional(name).unwrap_or(default).to_owned();
        let role = if self.admin {
            Role::Admin
        } else {
            Role::Customer
        };
        Claims {
            iss: or("TOKEN_ISSUER", ISSUER),
            aud: or("TOKEN_AUDIENCE", AUDIENCE),
            sub: self.customer.clone().unwrap_or_else(|| STAFF.to_owned()),
            tenant: self.tenant.clone(),
            roles: vec![role],
            email: self.email.clone(),
            sid: None,
            iat: now,
            nbf: None,
            exp: now.saturating_add(self.ttl),
        }
    }
}

/// The key under the id that the deployment gave its public half.
fn signing_key(pem: &str) -> Result<SigningKey, TokenError> {
    SigningKey::named_by_thumbprint(pem).map_err(TokenError::Key)
}

fn customer(text: &str) -> Result<String, domain::InvalidId> {
    domain::CustomerId::parse(text).map(|id| id.to_string())
}

fn tenant(text: &str) -> Result<String, domain::InvalidId> {
    domain::TenantId::parse(text).map(|id| id.to_string())
}
