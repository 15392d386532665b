//! What was missed, a page at a time. Numbers have no gaps and a page is read by numbers, as by `GET
//! /api/v1/notifications`, whose cursors these are too.

use contracts::http::NotificationBody;
use contracts::sockets::{OWN, ProblemBody, SocketMessage, own_list};
use domain::ports::{PostToSockets, ReadNotifications, StoreError};
use domain::{Notification, NotificationList};
use jiff::SignedDuration;

use crate::{App, Client, Refused, say};

/// Most notifications of a page. They are posted one after the other, so that they stay in order.
const PAGE: u64 = 25;
/// A page ends after so long: the gateway waits eleven seconds for its answer.
const LONGEST: SignedDuration = SignedDuration::from_secs(6);

pub(crate) async fn resume<S, A, P>(
    app: &App<S, A, P>,
    client: &Client,
    (list, cursor): (&str, &str),
    id: Option<String>,
) -> Result<SocketMessage, Refused>
where
    S: ReadNotifications,
    P: PostToSockets,
{
    if list != OWN {
        let problem = ProblemBody::new((404, "not-found", "Not found"), "there is no such list");
        return Err(Refused::Problem(problem));
    }
    let place = place(app, client, cursor)?;
    let begun = app.clock.now();
    let (known, missed) = get_history(app, client, place, PAGE).await?;
    let mut came_to = place.saturating_add(PAGE).min(known.last).max(place);
    for it in &missed {
        if app.clock.now().duration_since(begun) > LONGEST {
            came_to = it.number.saturating_sub(1);
            break;
        }
        let cursor = cursor_at(app, client, it.number);
        let body = NotificationBody::of(&known, it, None);
        say::say(app, client, &SocketMessage::own(cursor, body)).await?;
    }
    Ok(SocketMessage::Resumed {
        id,
        list: list.to_owned(),
        number: came_to,
        cursor: cursor_at(app, client, came_to),
        more: came_to < known.last,
    })
}

/// The list of whoever has the socket, and up to `limit` numbers of it behind a place, without what
/// has ended.
pub(crate) async fn get_history<S: ReadNotifications, A, P>(
    app: &App<S, A, P>,
    client: &Client,
    place: u64,
    limit: u64,
) -> Result<(NotificationList, Vec<Notification>), StoreError> {
    let reader = (&client.tenant, &client.reader);
    // The list first: what is in it by then is there to be read.
    let known = app.lists.list_of(reader).await?;
    let last = place.saturating_add(limit).min(known.last);
    let count = usize::try_from(last.saturating_sub(place)).unwrap_or_default();
    let mut found = match count {
        0 => Vec::new(),
        count => {
            app.lists
                .notifications(reader, place.saturating_add(1), count)
                .await?
        }
    };
    let now = app.clock.now();
    found.retain(|it| now < it.expires_at());
    Ok((known, found))
}

fn place<S, A, P>(app: &App<S, A, P>, client: &Client, cursor: &str) -> Result<u64, Refused> {
    let name = own_list(&client.tenant, &client.reader);
    let place = app.cursors.read(&name, Some(cursor)).ok().flatten();
    let place = place.and_then(|place| place.parse().ok());
    place.ok_or_else(|| {
        let bad = (400, "bad-request", "Bad request");
        Refused::Problem(ProblemBody::new(bad, "the cursor is none of this list"))
    })
}

fn cursor_at<S, A, P>(app: &App<S, A, P>, client: &Client, number: u64) -> String {
    let name = own_list(&client.tenant, &client.reader);
    app.cursors.make(&name, &number.to_string())
}
