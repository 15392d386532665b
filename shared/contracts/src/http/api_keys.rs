//! Bodies of API keys.

use domain::{ApiKey, Role};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::accounts::{Secret, parse_roles};
use crate::InvalidBody;
use crate::wire::line_of_text;

/// Body of `POST /api/v1/api-keys`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewApiKey {
    /// What it is for, in words.
    pub name: String,
    /// All that its bearer may do: `customer`, `support`, `admin`.
    pub roles: Vec<String>,
}

impl NewApiKey {
    /// Name and roles.
    ///
    /// # Errors
    /// [`InvalidBody`] with the pointer of the first field that is wrong.
    pub fn parse(&self) -> Result<(String, Vec<Role>), InvalidBody> {
        let name = line_of_text("/name", &self.name)?;
        Ok((name, parse_roles(&self.roles)?))
    }
}

/// A key as those who run the shop see it. Nobody sees its secret again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiKeyBody {
    /// Its id; also the part after `cwk_` of the key itself, without hyphens.
    pub api_key_id: String,
    /// Who its bearer is: `customer_id` of the orders that it places.
    pub subject: String,
    /// What it is for.
    pub name: String,
    /// What its bearer may do.
    pub roles: Vec<String>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
}

impl From<&ApiKey> for ApiKeyBody {
    fn from(key: &ApiKey) -> Self {
        Self {
            api_key_id: key.id.to_string(),
            subject: key.subject().to_string(),
            name: key.name.clone(),
            roles: key
                .roles
                .iter()
                .map(|role| role.name().to_owned())
                .collect(),
            created_by: key.created_by.to_string(),
            created_at: key.created_at,
        }
    }
}

/// Answer to `POST /api/v1/api-keys`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewApiKeyBody {
    /// What its bearer sends, shown this once.
    pub key: Secret,
    /// The rest.
    pub api_key: ApiKeyBody,
}

/// Answer to `GET /api/v1/api-keys`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiKeyListBody {
    /// Those that were not taken back, newest first; a hundred at most.
    pub api_keys: Vec<ApiKeyBody>,
}
