//! A socket opens, or closes.

use domain::Topic;
use domain::ports::{KeepAccounts, KeepSessions, KeepSockets, ReadGroups, StoreError};
use identity::is_signed_in;

use crate::{App, Client, Reply};

impl Client {
    /// What every socket is told about.
    pub(crate) fn own_topic(&self) -> Topic {
        Topic::Person(self.tenant.clone(), self.reader.clone())
    }
}

/// The socket is written down first and its session looked at then: whoever signs out either finds
/// the socket, or is found to have signed out.
pub(crate) async fn connect<S, A, P>(
    app: &App<S, A, P>,
    client: &Client,
) -> Result<Reply, StoreError>
where
    S: KeepSockets,
    A: KeepAccounts + KeepSessions,
{
    let now = app.clock.now();
    if !sockets::enter(&app.lists, &client.own_topic(), &client.socket, now).await? {
        return Ok(Reply { status_code: 429 });
    }
    let session = client.socket.session;
    if is_signed_in(&app.accounts, &client.reader, session).await? {
        return Ok(Reply { status_code: 200 });
    }
    leave(app, client, &client.own_topic()).await?;
    Ok(Reply { status_code: 401 })
}

/// The gateway does not always tell; then it says *gone* at the next post. Groups may be told nothing
/// for long, so their rows are cleaned here.
pub(crate) async fn disconnect<S: KeepSockets, A: ReadGroups, P>(
    app: &App<S, A, P>,
    client: &Client,
) -> Result<Reply, StoreError> {
    leave(app, client, &client.own_topic()).await?;
    if client.ran_the_shop {
        leave(app, client, &Topic::Dashboard(client.tenant.clone())).await?;
    }
    let person = (&client.tenant, &client.reader);
    for group in app.accounts.group_ids_of(person).await? {
        leave(app, client, &Topic::Group(client.tenant.clone(), group)).await?;
    }
    Ok(Reply { status_code: 200 })
}

/// Takes the socket out of the rows of a topic.
pub(crate) async fn leave<S: KeepSockets, A, P>(
    app: &App<S, A, P>,
    client: &Client,
    topic: &Topic,
) -> Result<(), StoreError> {
    let socket = std::slice::from_ref(&client.socket);
    app.lists.leave(topic, socket).await
}
