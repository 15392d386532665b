//! What an access token says.

use domain::Role;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

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
    /// What the subject may do, by the roles' names.
    #[serde(serialize_with = "write_roles", deserialize_with = "read_roles")]
    pub roles: Vec<Role>,
    /// The subject's e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The session that it was made in (OpenID Connect `sid`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<Uuid>,
    /// When it was made.
    pub iat: i64,
    /// From when it is valid; `None`: at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// Until when it is valid.
    pub exp: i64,
}

fn write_roles<S: Serializer>(roles: &[Role], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(roles.iter().map(|role| role.name()))
}

fn read_roles<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Role>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    let role = |name: &String| {
        Role::from_name(name).ok_or_else(|| D::Error::custom("there is no such role"))
    };
    names.iter().map(role).collect()
}
