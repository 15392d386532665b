//! What API Gateway tells of a socket, as far as we need it
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html>),
//! and what it is answered.

use contracts::sockets::SocketOwner;
use serde::{Deserialize, Serialize};

/// What happened to a socket.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SocketEvent {
    pub(crate) request_context: Context,
    /// The frame; there is none when a socket opens or closes.
    #[serde(default)]
    pub(crate) body: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Context {
    pub(crate) event_type: EventType,
    pub(crate) connection_id: String,
    /// What `authorize-socket` said of whoever opened it.
    pub(crate) authorizer: SocketOwner,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum EventType {
    Connect,
    Message,
    Disconnect,
}

/// The answer: a status, which matters while a socket opens. Frames are posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reply {
    pub(crate) status_code: u16,
}
