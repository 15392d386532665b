//! Who made a change, beside the event that tells of it: an attribute of the message, never a part of
//! the event. Who subscribes to events has no use for addresses, and stores none by storing events.

use domain::{Author, AuthorKind, CustomerId, Origin, TenantId};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Name of the attribute of a message.
pub const AUTHOR: &str = "author";

/// An author as items and messages carry it, in short names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorBody {
    /// What kind of principal.
    k: String,
    /// Whose shop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    t: Option<String>,
    /// Which one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    s: Option<String>,
    /// The address of the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    a: Option<String>,
    /// The id of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r: Option<String>,
}

/// What is no author of ours.
#[derive(Debug, Error)]
#[error("it is no author")]
pub struct InvalidAuthor(#[source] Box<dyn std::error::Error + Send + Sync>);

impl From<&Author> for AuthorBody {
    fn from(author: &Author) -> Self {
        Self {
            k: author.kind.name().to_owned(),
            t: author.tenant.as_ref().map(ToString::to_string),
            s: author.subject.as_ref().map(ToString::to_string),
            a: author.from.address.clone(),
            r: author.from.request.clone(),
        }
    }
}

impl TryFrom<AuthorBody> for Author {
    type Error = InvalidAuthor;

    fn try_from(body: AuthorBody) -> Result<Self, InvalidAuthor> {
        let kind = AuthorKind::from_name(&body.k);
        let tenant = body.t.as_deref().map(TenantId::parse).transpose();
        let subject = body.s.as_deref().map(CustomerId::parse).transpose();
        Ok(Self {
            kind: kind.ok_or_else(|| InvalidAuthor("no known kind".into()))?,
            tenant: tenant.map_err(|error| InvalidAuthor(error.into()))?,
            subject: subject.map_err(|error| InvalidAuthor(error.into()))?,
            from: Origin {
                address: body.a,
                request: body.r,
            },
        })
    }
}

/// The attribute's value.
pub fn author_text(author: &Author) -> String {
    // Texts in named fields are JSON by construction.
    serde_json::to_string(&AuthorBody::from(author)).unwrap_or_default()
}

/// Reads the attribute's value.
///
/// # Errors
/// [`InvalidAuthor`].
pub fn parse_author(text: &str) -> Result<Author, InvalidAuthor> {
    let body: AuthorBody =
        serde_json::from_str(text).map_err(|error| InvalidAuthor(error.into()))?;
    body.try_into()
}
