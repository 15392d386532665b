//! What a client wants to be told about: stock, and what groups are told that it belongs to.

use contracts::sockets::{SocketMessage, read_topics};
use domain::Topic;
use domain::ports::{KeepSockets, ReadGroups};
use told::may_hear;

use crate::connect::leave;
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
    let person = (&client.tenant, &client.reader);
    for topic in topics(client, &to)? {
        if !may_hear(&app.accounts, person, &topic).await? {
            return Err(not_there("there is no such group"));
        }
        if !sockets::enter(&app.lists, &topic, &client.socket, app.clock.now()).await? {
            return Err(too_many("too many are told about this already"));
        }
        // Once more: who is taken out either finds the socket in the row, or is found to be out.
        let still = may_hear(&app.accounts, person, &topic).await;
        if still != Ok(true) {
            leave(app, client, &topic).await?;
            still?;
            return Err(not_there("there is no such group"));
        }
    }
    Ok(SocketMessage::Subscribed { id, to })
}

pub(crate) async fn unsubscribe<S: KeepSockets, A, P>(
    app: &App<S, A, P>,
    client: &Client,
    (to, id): Asked,
) -> Result<SocketMessage, Refused> {
    for topic in topics(client, &to)? {
        leave(app, client, &topic).await?;
    }
    Ok(SocketMessage::Unsubscribed { id, to })
}
