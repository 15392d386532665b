//! One message to one socket or to many.

use std::sync::atomic::{AtomicUsize, Ordering};

use domain::SocketId;
use domain::ports::{PostError, PostToSockets};
use futures::future::join_all;

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
    let next = AtomicUsize::new(0);
    // One line of posts after the other, so many beside each other: nothing is made anew for each post.
    let line = || async {
        let mut posted = Posted::default();
        while let Some(socket) = sockets.get(next.fetch_add(1, Ordering::Relaxed)) {
            posted.note(socket, gateway.post(socket, message).await);
        }
        posted
    };
    let lines = (0..at_once.clamp(1, sockets.len().max(1))).map(|_| line());
    let mut all = Posted::default();
    for posted in join_all(lines).await {
        all.add(posted);
    }
    all
}

impl Posted {
    fn note(&mut self, socket: &SocketId, outcome: Result<(), PostError>) {
        let those = match outcome {
            Ok(()) => return self.posted += 1,
            Err(PostError::Gone) => &mut self.gone,
            Err(PostError::NotPosted(_)) => &mut self.not_posted,
            Err(PostError::Unknown(_)) => &mut self.unknown,
            Err(PostError::Refused(_)) => &mut self.refused,
        };
        those.push(socket.clone());
    }

    fn add(&mut self, other: Self) {
        self.posted += other.posted;
        self.gone.extend(other.gone);
        self.not_posted.extend(other.not_posted);
        self.unknown.extend(other.unknown);
        self.refused.extend(other.refused);
    }
}
