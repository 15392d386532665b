//! Bodies of search.

use domain::SearchEntry;
use serde::{Deserialize, Serialize};

use crate::AmountBody;

/// A product or a course that fits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FoundBody {
    /// `product` or `course`: below `/api/v1/products` or `/api/v1/courses`.
    pub kind: String,
    /// Its id among those.
    pub id: String,
    /// Name or title.
    pub name: String,
    /// Description; may be empty.
    pub description: String,
    /// Price of one.
    pub price: AmountBody,
}

impl From<&SearchEntry> for FoundBody {
    fn from(entry: &SearchEntry) -> Self {
        Self {
            kind: entry.id.kind().name().to_owned(),
            id: entry.id.as_str().to_owned(),
            name: entry.name.clone(),
            description: entry.description.clone(),
            price: entry.price.into(),
        }
    }
}

/// Answer to `GET /api/v1/search`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SearchBody {
    /// What fits best comes first.
    pub results: Vec<FoundBody>,
    /// Give it as `cursor` for the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}
