//! The sockets of who signed out.

use contracts::sockets::SocketMessage;
use domain::ports::{KeepSockets, PostError, PostToSockets};
use domain::{SessionId, Socket, Topic};

use crate::{App, PushError};

/// Closes the sockets of a session, or all of them. What is left open is tried again until it is
/// closed: here the stream waits.
pub(crate) async fn close<S: KeepSockets, P: PostToSockets, Q>(
    app: &App<S, P, Q>,
    topic: &Topic,
    session: Option<SessionId>,
    reason: &str,
) -> Result<(), PushError> {
    let known = app.sockets.sockets_of(topic).await?;
    let ended = known
        .into_iter()
        .filter(|it| session.is_none() || it.session == session);
    let reason = reason.to_owned();
    let farewell = SocketMessage::Closing { reason }.text();
    let (mut closed, mut left) = (Vec::new(), 0);
    for socket in ended {
        match close_one(app, &socket, &farewell).await {
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

/// Answers whether it is closed. One that may be opening is not gone yet when the gateway says so.
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
        Err(_) => false,
    }
}
