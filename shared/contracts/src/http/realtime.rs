//! The ticket that opens a socket.

use serde::{Deserialize, Serialize};

use super::Secret;

/// Answer to `POST /api/v1/realtime/tickets`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketBody {
    /// Shown once; goes into the query of the URL as `ticket`. It opens one socket.
    pub ticket: Secret,
    /// Where the socket is opened: `wss://…`.
    pub url: String,
    /// For how many seconds it is good.
    pub expires_in: i64,
}
