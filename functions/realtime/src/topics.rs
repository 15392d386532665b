//! What a client wants to be told about: stock, and what groups are told that it belongs to.

use contracts::sockets::{SocketMessage, read_topics};
use domain::Topic;
use domain::ports::{KeepSockets, ReadGroups, StoreError};

use crate::{App, Client, Refused, invalid, not_there, too_many};

/// Topics of a frame, and its id.
type Asked = (Vec<String>, Option<String>);

fn topics(client: &Client, to: &[String]) -> Result<Vec<Topic>, Refused> {
    read_topics(&client.tenant, to).map_err(|wrong| Refused::Problem(invalid(&wrong)))
}

/// Who is refused one may have got those before it: to ask again does no harm.
pub(crate) async fn subscribe<S: KeepSockets, A: ReadGroups, P>(
    app: &App<S, A, P>,
    client: &Client,
    (to, id): Asked,
) -> Result<SocketMessage, Refused> {
    for topic in topics(client, &to)? {
        if !sockets::enter(&app.lists, &topic, &client.socket, app.clock.now()).await? {
            return Err(too_many("too many are told about this already"));
        }
        if !may_hear(app, client, &topic).await? {
            let socket = std::slice::from_ref(&client.socket);
            app.lists.leave(&topic, socket).await?;
            return Err(Refused::Problem(not_there("there is no such group")));
        }
    }
    Ok(SocketMessage::Subscribed { id, to })
}

/// Looked at when the socket is in the row: who is taken out of a group either finds it there, or is
/// found to be out.
async fn may_hear<S, A: ReadGroups, P>(
    app: &App<S, A, P>,
    client: &Client,
    topic: &Topic,
) -> Result<bool, StoreError> {
    match topic {
        Topic::Person(..) | Topic::Stock(_) => Ok(true),
        Topic::Group(_, group) => {
            let person = (&client.tenant, &client.reader);
            app.accounts.is_member(person, *group).await
        }
    }
}

pub(crate) async fn unsubscribe<S: KeepSockets, A, P>(
    app: &App<S, A, P>,
    client: &Client,
    (to, id): Asked,
) -> Result<SocketMessage, Refused> {
    let socket = std::slice::from_ref(&client.socket);
    for topic in topics(client, &to)? {
        app.lists.leave(&topic, socket).await?;
    }
    Ok(SocketMessage::Unsubscribed { id, to })
}
