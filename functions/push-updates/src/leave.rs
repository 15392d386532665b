//! The sockets of who does not belong to a group any more.

use contracts::sockets::SocketMessage;
use domain::ports::{KeepSockets, PostToSockets};
use domain::{GroupId, SocketId, Topic};
use sockets::{POSTS_AT_ONCE, post_all};
use tracing::info;

use crate::{App, PushError};

/// Takes them out of the rows of those groups, and tells them so: whoever belongs again by then asks
/// again. They stay open: their reader is told other things.
pub(crate) async fn leave<S: KeepSockets, P: PostToSockets, Q>(
    app: &App<S, P, Q>,
    person: &Topic,
    groups: &[GroupId],
) -> Result<(), PushError> {
    let Topic::Person(tenant, _) = person else {
        return Ok(());
    };
    let sockets = app.sockets.sockets_of(person).await?;
    for group in groups {
        let topic = Topic::Group(tenant.clone(), *group);
        app.sockets.leave(&topic, &sockets).await?;
    }
    let to = groups.iter().map(|group| group.list()).collect();
    let message = SocketMessage::Unsubscribed { id: None, to };
    let ids: Vec<SocketId> = sockets.into_iter().map(|socket| socket.id).collect();
    let said = post_all(&app.gateway, &ids, &message.text(), POSTS_AT_ONCE).await;
    info!(said.posted, "said who is out of a group");
    Ok(())
}
