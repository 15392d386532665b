//! Access tokens: JWTs signed with RS256 (API Gateway's own authorizer takes RSA only), verified
//! against a set of public keys that is read once at start-up.

mod claims;
pub mod discovery;
mod issuer;
mod keys;
mod refresh;
mod rs256;
mod signing;

use domain::{CustomerId, InvalidId, SessionId, TenantId, Ticket};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header};
use thiserror::Error;

pub use claims::Claims;
pub use domain::Role;
pub use issuer::{Issuer, IssuerError};
pub use keys::KeyError;
use keys::Keys;
pub(crate) use refresh::hmac_key;
pub use refresh::{RefreshKeyError, RefreshTokens};
pub use signing::{SignError, SigningKey};

/// `typ` of an access token (RFC 9068).
pub const TOKEN_TYPE: &str = "at+jwt";
/// Longest token that is looked at, in bytes.
pub const MAX_TOKEN: usize = 4096;
/// How far the clocks of issuer and verifier may be apart, in seconds.
pub const LEEWAY: i64 = 30;

/// What somebody showed to be let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalKind {
    /// An access token: somebody who signed in.
    User,
    /// An API key: a service.
    ApiKey,
}

/// Who is asking, as a verified token or an API key says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// What they showed.
    pub kind: PrincipalKind,
    /// The customer, the member of staff, or the bearer of a key.
    pub subject: CustomerId,
    /// Whose shop.
    pub tenant: TenantId,
    /// What they may do.
    pub roles: Vec<Role>,
    /// Where to reach them.
    pub email: Option<String>,
    /// The session that their token was made in, where it says so.
    pub session: Option<SessionId>,
}

impl Principal {
    /// Whether they have one of these roles.
    pub fn has_one_of(&self, roles: &[Role]) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }

    /// A ticket for a socket of theirs, with what their token says of them.
    pub fn into_ticket(self, now: Timestamp) -> Ticket {
        let runs_the_shop = self.has_one_of(&[Role::Admin]);
        Ticket {
            runs_the_shop,
            ..Ticket::new((self.tenant, self.subject), self.session, now)
        }
    }
}

/// Why a token was refused: for the log, never for the caller.
#[derive(Debug, Error)]
pub enum TokenError {
    /// No token, or more than one.
    #[error("no bearer token")]
    Missing,
    /// Longer than [`MAX_TOKEN`].
    #[error("token too long")]
    TooLong,
    /// Not a JWT, another algorithm, a wrong signature, or missing or wrong claims.
    #[error("token refused")]
    Refused(#[source] jsonwebtoken::errors::Error),
    /// Header fields that say it is something else than an access token of ours.
    #[error("not an access token: {0}")]
    WrongHeader(&'static str),
    /// Signed with a key that is not in the set.
    #[error("unknown key")]
    UnknownKey,
    /// Its time is over.
    #[error("expired")]
    Expired,
    /// Its time has not come, or it was made in the future.
    #[error("not valid yet")]
    NotYet,
    /// Its subject or tenant has another form than ours.
    #[error("unusable id")]
    Id(#[source] InvalidId),
    /// Its subject is called like a list of a group, which it would read.
    #[error("a subject that is kept for groups")]
    OfGroups,
}

/// Verifies access tokens of one issuer for one audience.
#[derive(Clone, Debug)]
pub struct TokenVerifier {
    keys: Keys,
    rules: Validation,
}

impl TokenVerifier {
    /// Reads a JWKS (`{"keys": [...]}`); several keys are fine, while one replaces another.
    ///
    /// # Errors
    /// [`KeyError`] for anything in the set that is not a public RSA key of at least 2048 bits
    /// for RS256 with a `kid` of its own.
    pub fn new(jwks: &str, issuer: &str, audience: &str) -> Result<Self, KeyError> {
        rs256::install();
        let mut rules = Validation::new(Algorithm::RS256);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        rules.set_issuer(&[issuer]);
        rules.set_audience(&[audience]);
        // The library reads the system clock; we are given the time and look ourselves.
        rules.validate_exp = false;
        rules.validate_nbf = false;
        let keys = Keys::parse(jwks)?;
        Ok(Self { keys, rules })
    }

    /// Verifies a token at a point in time.
    ///
    /// Where the token itself says its keys are (`jku`, `x5u`, `jwk`, `x5c`) is ignored.
    ///
    /// # Errors
    /// [`TokenError`]; to the caller all of them are one and the same 401.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Principal, TokenError> {
        if token.len() > MAX_TOKEN {
            return Err(TokenError::TooLong);
        }
        let header = decode_header(token).map_err(TokenError::Refused)?;
        let key_id = key_id(&header)?;
        let key = self.keys.find(key_id).ok_or(TokenError::UnknownKey)?;
        let claims = decode::<Claims>(token, key, &self.rules)
            .map_err(TokenError::Refused)?
            .claims;
        check_times(&claims, now)?;
        Ok(Principal {
            kind: PrincipalKind::User,
            subject: subject(&claims.sub)?,
            tenant: TenantId::parse(&claims.tenant).map_err(TokenError::Id)?,
            roles: claims.roles,
            email: claims.email,
            session: claims.sid.map(SessionId),
        })
    }
}

fn subject(text: &str) -> Result<CustomerId, TokenError> {
    let subject = CustomerId::parse(text).map_err(TokenError::Id)?;
    match subject.is_of_groups() {
        true => Err(TokenError::OfGroups),
        false => Ok(subject),
    }
}

/// The id of the key that an access token says it is signed with.
fn key_id(header: &Header) -> Result<&str, TokenError> {
    let typ = header.typ.as_deref();
    if !typ.is_some_and(|typ| typ.eq_ignore_ascii_case(TOKEN_TYPE)) {
        return Err(TokenError::WrongHeader("typ"));
    }
    // RFC 7515 section 4.1.11: what is critical and not understood must be refused.
    if header.crit.is_some() {
        return Err(TokenError::WrongHeader("crit"));
    }
    header.kid.as_deref().ok_or(TokenError::WrongHeader("kid"))
}

fn check_times(claims: &Claims, now: Timestamp) -> Result<(), TokenError> {
    let now = now.as_second();
    if claims.exp.saturating_add(LEEWAY) <= now {
        return Err(TokenError::Expired);
    }
    let valid_from = claims.nbf.unwrap_or(claims.iat).max(claims.iat);
    if valid_from.saturating_sub(LEEWAY) > now {
        return Err(TokenError::NotYet);
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
