//! The audit log over HTTP.

use jiff::Timestamp;
use serde::Serialize;

/// Who acted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditActorBody {
    /// `account`, `api-key`, `provider`, `service`, `operator`, `system` or `unknown`.
    pub kind: String,
    /// Which one, where that is known and was not erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Whether it was known and is erased.
    pub erased: bool,
}

/// From where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditOriginBody {
    /// The address of the network, where it is known and was not erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The request, or its trace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditEntryBody {
    /// Which chain, from 0 to 15.
    pub chain: u8,
    /// Where in it, from 1.
    pub position: u64,
    /// When it happened.
    pub at: Timestamp,
    /// Who acted.
    pub actor: AuditActorBody,
    /// What: the type of an event, `session.began`, or method and route of what was refused.
    pub action: String,
    /// With which object: `{kind}/{id}`.
    pub object: String,
    /// `done` or `refused`.
    pub outcome: String,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// From where.
    pub from: AuditOriginBody,
}

/// Entries of the audit log, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditListBody {
    /// The entries.
    pub entries: Vec<AuditEntryBody>,
    /// For the next page; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}
