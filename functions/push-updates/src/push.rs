//! One message to all sockets of a topic.

use contracts::sockets::SocketMessage;
use domain::Topic;
use domain::ports::{KeepSockets, PostToSockets};
use sockets::Rounds;

use crate::{App, PushError};

/// Posts to all, and takes those out that are gone.
pub(crate) async fn push<S: KeepSockets, P: PostToSockets, Q>(
    app: &App<S, P, Q>,
    topic: &Topic,
    message: &SocketMessage,
) -> Result<(), PushError> {
    let rounds = Rounds {
        gateway: &app.gateway,
        now: || app.clock.now(),
        pause: app.pause,
    };
    let known = app.sockets.sockets_of(topic).await?;
    let gone = rounds.say(known, &message.text()).await;
    if !gone.is_empty() {
        app.sockets.leave(topic, &gone).await?;
    }
    Ok(())
}
