//! One message to one socket or to many.

use domain::SocketId;
use domain::ports::{PostError, PostToSockets};
use futures::{StreamExt, stream};

/// What became of the posts of one message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Posted {
    /// How many were posted.
    pub posted: usize,
    /// Sockets that are no more: their rows can be removed.
    pub gone: Vec<SocketId>,
    /// Sockets to which it was certainly not posted, and may be later.
    pub not_posted: Vec<SocketId>,
    /// Sockets to which it may have been posted.
    pub unknown: Vec<SocketId>,
    /// Sockets to which it can never be posted.
    pub refused: Vec<SocketId>,
}

/// Posts a message to one socket, and once more where nobody knows that it was: it may be there twice.
///
/// # Errors
/// [`PostError`] of the second time.
pub async fn post(
    gateway: &impl PostToSockets,
    socket: &SocketId,
    message: &str,
) -> Result<(), PostError> {
    match gateway.post(socket, message).await {
        Err(PostError::NotPosted(_) | PostError::Unknown(_)) => gateway.post(socket, message).await,
        posted => posted,
    }
}

/// Posts a message to each of these sockets, at most `at_once` at a time, each once.
pub async fn post_all(
    gateway: &impl PostToSockets,
    sockets: &[SocketId],
    message: &str,
    at_once: usize,
) -> Posted {
    let each = sockets.iter().map(|socket| async move {
        let outcome = gateway.post(socket, message).await;
        (socket, outcome)
    });
    let mut outcomes = stream::iter(each).buffer_unordered(at_once.max(1));
    let mut posted = Posted::default();
    while let Some((socket, outcome)) = outcomes.next().await {
        match outcome {
            Ok(()) => posted.posted += 1,
            Err(PostError::Gone) => posted.gone.push(socket.clone()),
            Err(PostError::NotPosted(_)) => posted.not_posted.push(socket.clone()),
            Err(PostError::Unknown(_)) => posted.unknown.push(socket.clone()),
            Err(PostError::Refused(_)) => posted.refused.push(socket.clone()),
        }
    }
    posted
}
