//! What an access token says.

use serde::{Deserialize, Serialize};

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Buys, and sees what is theirs.
    Customer,
    /// Sees what is anybody's.
    Support,
    /// Changes what is anybody's.
    Admin,
}

/// The claims of an access token. Times are seconds since 1970 (RFC 7519 `NumericDate`, whole
/// numbers only); issuer and audience are one text each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who made it.
    pub iss: String,
    /// For which API.
    pub aud: String,
    /// The customer's id.
    pub sub: String,
    /// Whose shop.
    pub tenant: String,
    /// What the subject may do.
    pub roles: Vec<Role>,
    /// The subject's e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// When it was made.
    pub iat: i64,
    /// From when it is valid; `None`: at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// Until when it is valid.
    pub exp: i64,
}
