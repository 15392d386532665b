//! What somebody known was refused, for the audit log.

use jiff::Timestamp;

use crate::Author;

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Of whom, at what: of one of these, one a minute is kept. Nobody is shown it.
    pub who: String,
    /// Who asked, and from where.
    pub author: Author,
    /// For what: method and route.
    pub action: String,
    /// With which object: `{kind}/{id}`.
    pub object: String,
    /// Why it was refused.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// Whether the audit log is to hear of it. What is not told costs the same, so that nobody learns
    /// by the time whether there is an account.
    pub is_told: bool,
}
