//! Sockets and sessions.

use domain::{SessionId, Socket, SocketId};
use uuid::Uuid;

use super::at;
use crate::must;

/// The id of the n-th session.
pub fn session_id(number: u64) -> SessionId {
    SessionId(Uuid::from_u128(number.into()))
}

/// The n-th socket, of the n-th session, opened n seconds after the beginning of all tests.
pub fn a_socket(number: u64) -> Socket {
    Socket {
        id: must(SocketId::parse(&format!("socket-{number}="))),
        session: Some(session_id(number)),
        since: at(i64::try_from(number).unwrap_or_default()),
    }
}
