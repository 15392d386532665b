//! One message to all sockets of a topic.

use contracts::sockets::SocketMessage;
use domain::ports::{KeepSockets, PostToSockets};
use domain::{Socket, SocketId, Topic};
use jiff::SignedDuration;
use sockets::{Posted, post_all};
use tracing::{error, info};

use crate::{App, PushError};

/// Posts of one message that are under way at one time.
pub(crate) const POSTS_AT_ONCE: usize = 32;
/// A round that took longer is the last: others wait behind it.
const LONG: SignedDuration = SignedDuration::from_secs(5);

/// Posts, once more where it is not known to have arrived, and takes those out that are gone. Who
/// still did not get it sees by the next number, or by the next pong, that something is missing, and
/// resumes.
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
    let begun = app.clock.now();
    let mut first = post_all(&app.gateway, ids, text, POSTS_AT_ONCE).await;
    let again = [first.not_posted.as_slice(), first.unknown.as_slice()].concat();
    let is_long = app.clock.now().duration_since(begun) > LONG;
    let second = match again.is_empty() || is_long {
        true => Posted {
            not_posted: again,
            ..Posted::default()
        },
        false => {
            tokio::time::sleep(app.pause).await;
            post_all(&app.gateway, &again, text, POSTS_AT_ONCE).await
        }
    };
    first.gone.extend(second.gone);
    let posted = first.posted + second.posted;
    let missed = second.not_posted.len() + second.unknown.len();
    let refused = first.refused.len() + second.refused.len();
    info!(posted, missed, gone = first.gone.len(), "said over sockets");
    if refused > 0 {
        // The field is what the alarm looks for.
        error!(refused, lost = true, "the gateway refuses a message");
    }
    first
}
