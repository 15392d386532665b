//! What a client wants to be told about: stock, what groups are told that it belongs to, and the dashboard.

use contracts::sockets::{ProblemBody, SocketMessage, read_topics};
use domain::Topic;
use domain::ports::{KeepAccounts, KeepSockets, ReadGroups};
use told::may_hear;

use crate::connect::leave;
use crate::{App, Client, Refused};

/// Topics of a frame, and its id.
type Asked = (Vec<String>, Option<String>);

fn topics(client: &Client, to: &[String]) -> Result<Vec<Topic>, Refused> {
    read_topics(&client.tenant, to).map_err(|wrong| Refused::Problem(ProblemBody::invalid(&wrong)))
}

/// Who is refused one may have got those before it: to ask again does no harm.
pub(crate) async fn subscribe<S: KeepSockets, A: KeepAccounts + ReadGroups, P>(
    app: &App<S, A, P>,
    client: &Client,
    (to, id): Asked,
) -> Result<SocketMessage, Refused> {
    let person = ((&client.tenant, &client.reader), client.ran_the_shop);
    for topic in topics(client, &to)? {
        if !may_hear(&app.accounts, person, &topic).await? {
            return Err(not_told(&topic));
        }
        if !sockets::enter(&app.lists, &topic, &client.socket, app.clock.now()).await? {
            let full = ProblemBody::too_many("too many are told about this already");
            return Err(Refused::Problem(full));
        }
        // Once more: who is taken out either finds the socket in the row, or is found to be out.
        let still = may_hear(&app.accounts, person, &topic).await;
        if still != Ok(true) {
            leave(app, client, &topic).await?;
            still?;
            return Err(not_told(&topic));
        }
    }
    Ok(SocketMessage::Subscribed { id, to })
}

/// A group that is not theirs is not there; that a shop has a dashboard is no secret.
fn not_told(topic: &Topic) -> Refused {
    Refused::Problem(match topic {
        Topic::Dashboard(_) => ProblemBody::forbidden("those who run the shop are told of it"),
        _ => ProblemBody::not_found("there is no such group"),
    })
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
