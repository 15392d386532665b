//! What was missed, a page at a time. Numbers have no gaps and a page is read by numbers, as by `GET
//! /api/v1/notifications`, whose cursors these are too.

use contracts::http::NotificationBody;
use contracts::sockets::{ListName, ProblemBody, SocketMessage, own_list};
use domain::ports::{PostToSockets, ReadGroups, ReadNotifications, Reader, StoreError};
use domain::{Notification, NotificationList};
use jiff::SignedDuration;

use crate::{App, Client, Refused, not_there, say};

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
    A: ReadGroups,
    P: PostToSockets,
{
    let list = list_for(app, client, list).await?;
    let reader = list.reader(&client.reader);
    let reader = (&client.tenant, &reader);
    let place = place(app, reader, cursor)?;
    let begun = app.clock.now();
    let (known, missed) = get_history(app, reader, place, PAGE).await?;
    let mut came_to = place.saturating_add(PAGE).min(known.last).max(place);
    for it in &missed {
        if app.clock.now().duration_since(begun) > LONGEST {
            came_to = it.number.saturating_sub(1);
            break;
        }
        let cursor = cursor_at(app, reader, it.number);
        let body = NotificationBody::of(&known, it, None);
        say::say(app, client, &SocketMessage::of_list(list, cursor, body)).await?;
    }
    Ok(SocketMessage::Resumed {
        id,
        list: list.text(),
        number: came_to,
        cursor: cursor_at(app, reader, came_to),
        more: came_to < known.last,
    })
}

/// The list that is asked for: one's own, or that of a group one belongs to.
async fn list_for<S, A: ReadGroups, P>(
    app: &App<S, A, P>,
    client: &Client,
    asked: &str,
) -> Result<ListName, Refused> {
    let list = ListName::parse(asked);
    let may_read = match list {
        None => false,
        Some(ListName::Own) => true,
        Some(ListName::Group(group)) => {
            let person = (&client.tenant, &client.reader);
            app.accounts.is_member(person, group).await?
        }
    };
    let list = list.filter(|_| may_read);
    list.ok_or_else(|| Refused::Problem(not_there("there is no such list")))
}

/// A list, and up to `limit` numbers of it behind a place, without what has ended.
pub(crate) async fn get_history<S: ReadNotifications, A, P>(
    app: &App<S, A, P>,
    reader: Reader<'_>,
    place: u64,
    limit: u64,
) -> Result<(NotificationList, Vec<Notification>), StoreError> {
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

fn place<S, A, P>(app: &App<S, A, P>, reader: Reader<'_>, cursor: &str) -> Result<u64, Refused> {
    let name = own_list(reader.0, reader.1);
    let place = app.cursors.read(&name, Some(cursor)).ok().flatten();
    let place = place.and_then(|place| place.parse().ok());
    place.ok_or_else(|| {
        let bad = (400, "bad-request", "Bad request");
        Refused::Problem(ProblemBody::new(bad, "the cursor is none of this list"))
    })
}

fn cursor_at<S, A, P>(app: &App<S, A, P>, reader: Reader<'_>, number: u64) -> String {
    let name = own_list(reader.0, reader.1);
    app.cursors.make(&name, &number.to_string())
}
