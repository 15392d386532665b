//! One message to all sockets of a topic.

use contracts::sockets::SocketMessage;
use domain::ports::{KeepSockets, PostToSockets};
use domain::{Socket, SocketId, Topic};
use sockets::{Posted, post_all};
use tracing::{info, warn};

use crate::{App, PushError};

/// Posts of one message that are under way at one time.
const POSTS_AT_ONCE: usize = 32;

/// Posts, once more where it is not known to have arrived, and takes those out that are gone. Who
/// still did not get it sees by the next number that something is missing, and resumes.
pub(crate) async fn push<S: KeepSockets, P: PostToSockets>(
    app: &App<S, P>,
    topic: &Topic,
    message: &SocketMessage,
) -> Result<(), PushError> {
    let now = app.clock.now();
    let known = app.sockets.sockets_of(topic).await?;
    let (over, open): (Vec<Socket>, Vec<Socket>) =
        known.into_iter().partition(|socket| socket.is_over(now));
    let ids: Vec<SocketId> = open.iter().map(|socket| socket.id.clone()).collect();
    let mut gone = over;
    if !ids.is_empty() {
        let posted = post(app, &ids, &message.text()).await;
        let is_gone = |socket: &Socket| posted.gone.contains(&socket.id);
        // The gateway also says *gone* of one that is about to open; such a one resumes anyway.
        gone.extend(
            open.into_iter()
                .filter(|it| is_gone(it) && !it.may_be_opening(now)),
        );
    }
    if !gone.is_empty() {
        app.sockets.leave(topic, &gone).await?;
    }
    Ok(())
}

async fn post<S, P: PostToSockets>(app: &App<S, P>, ids: &[SocketId], text: &str) -> Posted {
    let mut first = post_all(&app.gateway, ids, text, POSTS_AT_ONCE).await;
    let again = [first.not_posted.as_slice(), first.unknown.as_slice()].concat();
    let second = post_all(&app.gateway, &again, text, POSTS_AT_ONCE).await;
    first.gone.extend(second.gone);
    let posted = first.posted + second.posted;
    let missed = second.not_posted.len() + second.unknown.len();
    let refused = first.refused.len() + second.refused.len();
    info!(posted, missed, gone = first.gone.len(), "said over sockets");
    if refused > 0 {
        warn!(refused, "the gateway refuses a message");
    }
    first
}
