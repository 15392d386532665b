//! What was missed, a page at a time. Numbers have no gaps and a page is read by numbers, as by `GET
//! /api/v1/notifications`, whose cursors these are too.

use contracts::http::NotificationBody;
use contracts::sockets::{ListName, ProblemBody, SocketMessage, own_list};
use domain::ports::{PostToSockets, ReadGroups, ReadNotifications, Reader};
use jiff::SignedDuration;
use told::{get_history, reader_for};

use crate::{App, Client, Refused};

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
    let person = (&client.tenant, &client.reader);
    let reader = reader_for(&app.accounts, (person, false), Some(list)).await?;
    let none = || Refused::Problem(ProblemBody::not_found("there is no such list"));
    let reader = reader.ok_or_else(none)?;
    let list = ListName::of(&reader);
    let reader = (&client.tenant, &reader);
    let place = place(app, reader, cursor)?;
    let begun = app.clock.now();
    let (known, missed) = get_history(&app.lists, reader, (place, PAGE), begun).await?;
    let mut came_to = place.saturating_add(PAGE).min(known.last).max(place);
    for it in &missed {
        if app.clock.now().duration_since(begun) > LONGEST {
            came_to = it.number.saturating_sub(1);
            break;
        }
        let cursor = cursor_at(app, reader, it.number);
        let body = NotificationBody::of(&known, it, None);
        let message = SocketMessage::of_list(list, cursor, body);
        sockets::post(&app.gateway, &client.socket.id, &message.text()).await?;
    }
    Ok(SocketMessage::Resumed {
        id,
        list: list.text(),
        number: came_to,
        cursor: cursor_at(app, reader, came_to),
        more: came_to < known.last,
    })
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
