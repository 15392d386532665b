//! How the services stand that are told of profiles.

use domain::DestinationState;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A service that is told of profiles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DestinationBody {
    /// What it is called.
    pub name: String,
    /// `in-sync`, `behind`, or `failing`: it is not called but for single probes.
    pub status: String,
    /// Profiles that it is behind with, counted up to 1,000.
    pub behind: u32,
    /// Since when it fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// In how many minutes it has everything, at its pace. It is missing where that is not known:
    /// while it fails, or where there is more than was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes_left: Option<u32>,
    /// Profiles that it is told in a minute at most.
    pub per_minute: u16,
    /// When it was looked at: every minute.
    pub as_of: Timestamp,
}

impl From<&DestinationState> for DestinationBody {
    fn from(state: &DestinationState) -> Self {
        let status = match (state.failing_since, state.behind) {
            (Some(_), _) => "failing",
            (None, 0) => "in-sync",
            (None, _) => "behind",
        };
        Self {
            name: state.name.to_string(),
            status: status.to_owned(),
            behind: state.behind,
            failing_since: state.failing_since,
            minutes_left: state.minutes_left(),
            per_minute: state.per_minute,
            as_of: state.as_of,
        }
    }
}

/// Answer to `GET /api/v1/admin/destinations`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DestinationListBody {
    /// All that there are, once they have been looked at.
    pub destinations: Vec<DestinationBody>,
}
