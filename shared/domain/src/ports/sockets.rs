//! Open sockets: what is said into them, and that they are closed.

use std::future::Future;

use thiserror::Error;

use super::Cause;
use crate::SocketId;

/// Why a message was not posted, or a socket not closed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PostError {
    /// There is no such socket any more.
    #[error("the socket is gone")]
    Gone,
    /// Throttled or unreachable: it is certain that nothing was posted.
    #[error("the gateway is unavailable")]
    NotPosted(#[source] Cause),
    /// No answer, or one that tells nothing: it may have been posted.
    #[error("the gateway gave no answer")]
    Unknown(#[source] Cause),
    /// It will never be posted: too long, or not allowed.
    #[error("the message was refused")]
    Refused(#[source] Cause),
}

/// Says something into sockets that are held elsewhere.
pub trait PostToSockets {
    /// Posts one text message, at most 128 KB of it.
    fn post(
        &self,
        socket: &SocketId,
        message: &str,
    ) -> impl Future<Output = Result<(), PostError>> + Send;

    /// Closes a socket. One that is gone is an error too, so that its row can be removed.
    fn close(&self, socket: &SocketId) -> impl Future<Output = Result<(), PostError>> + Send;
}
