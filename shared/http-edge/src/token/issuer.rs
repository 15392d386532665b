//! Makes the tokens of those who are signed in.

use contracts::http::{Secret, TokensBody};
use domain::{Account, Generation, SessionId};
use jiff::Timestamp;
use thiserror::Error;

use crate::{Json, Problem};

use super::{Claims, RefreshKeyError, RefreshTokens, SignError, SigningKey};

/// For how long an access token is good, in seconds.
const ACCESS: i64 = 600;

/// Makes tokens.
#[derive(Debug)]
pub struct Issuer {
    key: SigningKey,
    refresh: RefreshTokens,
    name: String,
    audience: String,
}

/// Why there is no issuer.
#[derive(Debug, Error)]
pub enum IssuerError {
    /// The private key cannot be used.
    #[error(transparent)]
    Signing(#[from] SignError),
    /// The key of refresh tokens cannot be used.
    #[error(transparent)]
    Refresh(#[from] RefreshKeyError),
}

impl Issuer {
    /// By this name, for this audience. The private key is a PEM file, the key of refresh tokens
    /// hexadecimal digits.
    ///
    /// # Errors
    /// [`IssuerError`].
    pub fn new(
        (name, audience): (&str, &str),
        signing_key: &str,
        refresh_key: &str,
    ) -> Result<Self, IssuerError> {
        Ok(Self {
            key: SigningKey::named_by_thumbprint(signing_key)?,
            refresh: RefreshTokens::new(refresh_key)?,
            name: name.to_owned(),
            audience: audience.to_owned(),
        })
    }

    /// An access token for the account as it is now, and the live refresh token of the session.
    ///
    /// # Errors
    /// 500 when the key is broken.
    pub fn tokens(
        &self,
        account: &Account,
        (session, live): (SessionId, Generation),
        now: Timestamp,
    ) -> Result<Json<TokensBody>, Problem> {
        let now = now.as_second();
        let access = self.key.mint(&Claims {
            iss: self.name.clone(),
            aud: self.audience.clone(),
            sub: account.id.to_string(),
            tenant: account.tenant.to_string(),
            roles: account.roles.clone(),
            email: Some(account.email.as_str().to_owned()),
            sid: Some(session.0),
            iat: now,
            nbf: None,
            exp: now.saturating_add(ACCESS),
        });
        let access = access.map_err(|error| Problem::internal().because(error.to_string()))?;
        Ok(Json(TokensBody {
            access_token: Secret(access),
            token_type: "Bearer".to_owned(),
            expires_in: ACCESS,
            refresh_token: Secret(self.refresh.make(session, live)),
        }))
    }

    /// Session and number of a refresh token that was made here.
    pub fn read(&self, token: &Secret) -> Option<(SessionId, Generation)> {
        self.refresh.read(&token.0)
    }
}
