//! Pages of a list: backwards from the newest, or forwards from where somebody was. Numbers have no
//! gaps and a page is read by numbers, so nothing is shown twice and nothing is missed, whatever comes
//! in between.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use contracts::http::{NotificationBody, NotificationListBody};
use contracts::sockets::own_list;
use domain::ports::{Reader, StoreError};
use domain::{Notification, NumberWindow};
use http_edge::{Caller, Problem, Role, page_size};
use serde::Deserialize;
use told::{Outcomes, Past, reader_for};

use crate::routes::{App, Groups, History, Lists};

/// How many windows a request looks through for something that is still there.
const MAX_WINDOWS: u32 = 10;

/// Query of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    list: Option<String>,
    cursor: Option<String>,
    after: Option<String>,
    limit: Option<u8>,
}

/// Query of one of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    number: u64,
}

/// A page of one's own list, or of that of a group. It may be short, or empty, where what is older than thirty days is gone: it says so.
pub(crate) async fn get_history<S: Lists, H: History, G: Groups>(
    State(app): State<Arc<App<S, H, G>>>,
    Caller { principal, .. }: Caller,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<axum::Json<NotificationListBody>, Problem> {
    let Query(asked) = asked.map_err(|_| Problem::bad_request("list, cursor, after, limit"))?;
    let limit = page_size(asked.limit)?;
    let person = (&principal.tenant, &principal.subject);
    let asker = (person, principal.has_one_of(&[Role::Admin]));
    let reader = reader_for(&app.groups, asker, asked.list.as_deref()).await?;
    let reader = reader.ok_or_else(Problem::not_found)?;
    let reader = (person.0, &reader);
    let place = |cursor: &Option<String>| app.place(reader, cursor.as_deref());
    let (older, newer) = (place(&asked.cursor)?, place(&asked.after)?);
    // The list first: what is in it by then is there to be read.
    let list = app.lists.list_of(reader).await?;
    let newest = list.last.saturating_add(1);
    let window = match (older, newer) {
        (Some(_), Some(_)) => return Err(Problem::bad_request("either cursor or after")),
        (older, None) => NumberWindow::before(older.unwrap_or(newest).min(newest), limit),
        (None, Some(after)) => NumberWindow::after(after, limit, list.last),
    };
    let is_history = newer.is_none();
    let mut past = Past::of(&list, app.history.as_ref());
    let (window, found) = match is_history {
        true => app.back(reader, window, limit, &mut past).await?,
        false => (window, app.kept(reader, window, &mut past).await?),
    };
    // An empty page is no end: what was told late leaves before what was told in front of it.
    let more = is_history && window.first > 1;
    let came_to = match newer {
        None => list.last,
        Some(after) => window.last.max(after),
    };
    let outcomes = Outcomes::read(&app.lists, &found).await?;
    Ok(axum::Json(NotificationListBody {
        notifications: found.iter().map(|it| outcomes.body(&list, it)).collect(),
        last: list.last,
        read_up_to: list.read_up_to,
        next_cursor: more.then(|| app.cursor(reader, window.first)),
        resume_cursor: app.cursor(reader, came_to),
        behind: came_to < list.last,
        missing: past.missing.map(|it| it.name().to_owned()),
    }))
}

/// One of the list, and what became of it on each channel: where to look whether a text went out.
pub(crate) async fn show<S: Lists, H: History, G: Groups>(
    State(app): State<Arc<App<S, H, G>>>,
    Caller { principal, .. }: Caller,
    asked: Result<Query<Which>, QueryRejection>,
) -> Result<axum::Json<NotificationBody>, Problem> {
    let Query(Which { number }) = asked.map_err(|_| Problem::bad_request("a number only"))?;
    let reader = (&principal.tenant, &principal.subject);
    let window = NumberWindow::one(number);
    let list = app.lists.list_of(reader).await?;
    let mut past = Past::of(&list, app.history.as_ref());
    let found = app.kept(reader, window, &mut past).await?;
    let found = found.first().ok_or_else(Problem::not_found)?;
    let outcomes = Outcomes::read(&app.lists, std::slice::from_ref(found)).await?;
    Ok(axum::Json(outcomes.body(&list, found)))
}

impl<S: Lists, H: History, G: Groups> App<S, H, G> {
    fn place(&self, reader: Reader<'_>, cursor: Option<&str>) -> Result<Option<u64>, Problem> {
        let place = self.cursors.read(&own_list(reader.0, reader.1), cursor)?;
        let place = place.map(|place| place.parse());
        place
            .transpose()
            .map_err(|_| Problem::bad_request("the cursor is none of this list"))
    }

    fn cursor(&self, reader: Reader<'_>, number: u64) -> String {
        let place = number.to_string();
        self.cursors.make(&own_list(reader.0, reader.1), &place)
    }

    /// What is there of a window, newest first, or of the next one in front of it that is not empty.
    async fn back(
        &self,
        reader: Reader<'_>,
        mut window: NumberWindow,
        limit: u8,
        past: &mut Past<'_, H>,
    ) -> Result<(NumberWindow, Vec<Notification>), StoreError> {
        let mut found = self.kept(reader, window, past).await?;
        for _ in 1..MAX_WINDOWS {
            if !found.is_empty() || window.first <= 1 {
                break;
            }
            window = NumberWindow::before(window.first, limit);
            found = self.kept(reader, window, past).await?;
        }
        found.reverse();
        Ok((window, found))
    }

    /// What is there of a window, in the list or in its past. DynamoDB may take days to remove what has
    /// ended: with a history it is shown as any other.
    async fn kept(
        &self,
        reader: Reader<'_>,
        window: NumberWindow,
        past: &mut Past<'_, H>,
    ) -> Result<Vec<Notification>, StoreError> {
        let now = self.clock.now();
        let found = self
            .lists
            .notifications(reader, window.first, window.count());
        let mut found = found.await?;
        found.retain(|it| self.history.is_some() || now < it.expires_at());
        past.fill(reader, window, &mut found).await;
        Ok(found)
    }
}
