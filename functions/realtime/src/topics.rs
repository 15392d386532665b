//! Stock that a client wants to be told about.

use contracts::sockets::{SocketMessage, stock_topics};
use domain::Topic;
use domain::ports::KeepSockets;

use crate::{App, Client, Refused, invalid, too_many};

/// Topics of a frame, and its id.
type Asked = (Vec<String>, Option<String>);

fn topics(to: &[String]) -> Result<Vec<Topic>, Refused> {
    let skus = stock_topics(to).map_err(|wrong| Refused::Problem(invalid(&wrong)))?;
    Ok(skus.into_iter().map(Topic::Stock).collect())
}

/// Who is refused one may have got those before it: to ask again does no harm.
pub(crate) async fn subscribe<S: KeepSockets, A, P>(
    app: &App<S, A, P>,
    client: &Client,
    (to, id): Asked,
) -> Result<SocketMessage, Refused> {
    for topic in topics(&to)? {
        if !sockets::enter(&app.lists, &topic, &client.socket, app.clock.now()).await? {
            return Err(too_many("too many are told about this already"));
        }
    }
    Ok(SocketMessage::Subscribed { id, to })
}

pub(crate) async fn unsubscribe<S: KeepSockets, A, P>(
    app: &App<S, A, P>,
    client: &Client,
    (to, id): Asked,
) -> Result<SocketMessage, Refused> {
    let socket = std::slice::from_ref(&client.socket);
    for topic in topics(&to)? {
        app.lists.leave(&topic, socket).await?;
    }
    Ok(SocketMessage::Unsubscribed { id, to })
}
