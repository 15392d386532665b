//! The sockets of who signed out.

use contracts::sockets::SocketMessage;
use domain::ports::{KeepSockets, PostError, PostToSockets};
use domain::{SessionId, Socket, Topic};
use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use sockets::POSTS_AT_ONCE;
use tracing::error;

use crate::{App, PushError};

/// So far apart may be the clocks of those who open sockets and of the table.
const SKEW: SignedDuration = SignedDuration::from_secs(2);

/// Which sockets are closed, and what they are told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending {
    /// Those of one session; all that were open then where there is none.
    pub(crate) session: Option<SessionId>,
    /// When it ended, as the table's clock has it.
    pub(crate) at: Option<Timestamp>,
    /// The stable name of why.
    pub(crate) reason: &'static str,
}

impl Ending {
    /// Who signs in again after all sessions ended keeps what was opened since.
    fn concerns(&self, socket: &Socket) -> bool {
        let is_later = self.at.is_some_and(|at| socket.since > at + SKEW);
        match self.session {
            Some(session) => socket.session == Some(session),
            None => !is_later,
        }
    }
}

/// Closes sockets. What is left open is tried again until it is closed: here the stream waits.
pub(crate) async fn close<S: KeepSockets, P: PostToSockets, Q>(
    app: &App<S, P, Q>,
    topic: &Topic,
    ending: Ending,
) -> Result<(), PushError> {
    let known = app.sockets.sockets_of(topic).await?;
    let ended = known.into_iter().filter(|it| ending.concerns(it));
    let reason = ending.reason.to_owned();
    let farewell = SocketMessage::Closing { reason }.text();
    let (mut closed, mut left) = (Vec::new(), 0);
    let farewell = farewell.as_str();
    let each = ended.map(|socket| async move {
        let is_closed = close_one(app, &socket, farewell).await;
        (socket, is_closed)
    });
    let mut outcomes = stream::iter(each).buffer_unordered(POSTS_AT_ONCE);
    while let Some((socket, is_closed)) = outcomes.next().await {
        match is_closed {
            true => closed.push(socket),
            false => left += 1,
        }
    }
    if !closed.is_empty() {
        app.sockets.leave(topic, &closed).await?;
    }
    match left {
        0 => Ok(()),
        _ => Err(PushError::StillOpen),
    }
}

/// Answers whether it is closed, as far as it can be. One that may be opening is not gone yet when the
/// gateway says so. One that the gateway refuses to close would hold the stream up for nothing.
async fn close_one<S, P: PostToSockets, Q>(
    app: &App<S, P, Q>,
    socket: &Socket,
    farewell: &str,
) -> bool {
    let told = app.gateway.post(&socket.id, farewell).await;
    let closed = match told {
        Err(PostError::Gone) => told,
        _ => app.gateway.close(&socket.id).await,
    };
    match closed {
        Ok(()) => true,
        Err(PostError::Gone) => !socket.may_be_opening(app.clock.now()),
        Err(PostError::Refused(cause)) => {
            // The field is what the alarm looks for.
            error!(error = %cause.0, lost = true, "the gateway refuses to close a socket");
            true
        }
        Err(PostError::NotPosted(_) | PostError::Unknown(_)) => false,
    }
}
