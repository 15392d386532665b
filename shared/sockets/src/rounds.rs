//! One message to the sockets of a row: two rounds, and who is gone.

use std::time::Duration;

use domain::ports::PostToSockets;
use domain::{Socket, SocketId};
use jiff::{SignedDuration, Timestamp};
use tracing::{error, info};

use crate::{Posted, post_all};

/// Posts of one message that are under way at one time.
pub const POSTS_AT_ONCE: usize = 32;
/// A round that took longer is the last: others wait behind it.
const LONG: SignedDuration = SignedDuration::from_secs(5);

/// How messages are said.
#[derive(Debug)]
pub struct Rounds<'a, P, N> {
    /// Where sockets are posted to.
    pub gateway: &'a P,
    /// The time.
    pub now: N,
    /// Before what went wrong is posted once more: what hinders a post hinders it for a moment.
    pub pause: Duration,
}

impl<P: PostToSockets, N: Fn() -> Timestamp> Rounds<'_, P, N> {
    /// Posts, once more where it is not known to have arrived, and answers which sockets are gone, so
    /// that they can be taken out of their row. Who still did not get it sees by the next number, or by
    /// the next pong, that something is missing, and resumes.
    pub async fn say(&self, known: Vec<Socket>, text: &str) -> Vec<Socket> {
        let now = (self.now)();
        let (over, open): (Vec<Socket>, Vec<Socket>) =
            known.into_iter().partition(|socket| socket.is_over(now));
        let mut gone = over;
        let ids: Vec<SocketId> = open.iter().map(|socket| socket.id.clone()).collect();
        if !ids.is_empty() {
            let posted = self.post(&ids, text).await;
            let is_gone = |socket: &Socket| posted.gone.contains(&socket.id);
            // The gateway also says *gone* of one that is about to open; such a one resumes anyway.
            gone.extend(
                open.into_iter()
                    .filter(|it| is_gone(it) && !it.may_be_opening(now)),
            );
        }
        gone
    }

    async fn post(&self, ids: &[SocketId], text: &str) -> Posted {
        let begun = (self.now)();
        let mut first = post_all(self.gateway, ids, text, POSTS_AT_ONCE).await;
        let again = [first.not_posted.as_slice(), first.unknown.as_slice()].concat();
        let is_long = (self.now)().duration_since(begun) > LONG;
        let second = match again.is_empty() || is_long {
            true => Posted {
                not_posted: again,
                ..Posted::default()
            },
            false => {
                tokio::time::sleep(self.pause).await;
                post_all(self.gateway, &again, text, POSTS_AT_ONCE).await
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
}
