//! Stock that a client wants to be told about.

use contracts::sockets::{ProblemBody, SocketMessage, stock_topics};
use domain::Topic;
use domain::ports::KeepSockets;

use crate::{App, Client, Refused, invalid};

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
        if !app.lists.join(&topic, &client.socket).await? {
            let full = (429, "too-many-requests", "Too many requests");
            let problem = ProblemBody::new(full, "too many are told about this already");
            return Err(Refused::Problem(problem));
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
