//! Pages of a list: backwards from the newest, or forwards from where somebody was. Numbers have no
//! gaps and a page is read by numbers, so nothing is shown twice and nothing is missed, whatever comes
//! in between.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use contracts::http::{NotificationBody, NotificationListBody};
use contracts::sockets::own_list;
use domain::ports::{DeliveryOutcome, Reader, StoreError};
use domain::{Notification, NotificationList};
use http_edge::{Caller, Problem, page_size};
use serde::Deserialize;

use crate::routes::{App, Lists};

/// How many windows a request looks through for something that is still there.
const MAX_WINDOWS: u32 = 10;

/// Query of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    cursor: Option<String>,
    after: Option<String>,
    limit: Option<u8>,
}

/// Numbers of a list, both ends among them.
#[derive(Clone, Copy, Debug)]
struct Window {
    first: u64,
    last: u64,
}

impl Window {
    /// As many as a page has in front of a number.
    fn before(end: u64, limit: u8) -> Self {
        Self {
            first: end.saturating_sub(limit.into()).max(1),
            last: end.saturating_sub(1),
        }
    }

    /// As many as a page has behind a number, as far as the list goes.
    fn after(number: u64, limit: u8, list: &NotificationList) -> Self {
        let last = number.saturating_add(limit.into());
        Self {
            first: number.saturating_add(1),
            last: last.min(list.last),
        }
    }

    fn count(self) -> usize {
        let count = (self.last + 1).saturating_sub(self.first);
        usize::try_from(count).unwrap_or_default()
    }
}

/// A page may be short, or empty: what is older than thirty days is gone.
pub(crate) async fn list<S: Lists>(
    State(app): State<Arc<App<S>>>,
    Caller { principal, .. }: Caller,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<axum::Json<NotificationListBody>, Problem> {
    let Query(asked) = asked.map_err(|_| Problem::bad_request("cursor, after and limit only"))?;
    let limit = page_size(asked.limit)?;
    let reader = (&principal.tenant, &principal.subject);
    let place = |cursor: &Option<String>| app.place(reader, cursor.as_deref());
    let (older, newer) = (place(&asked.cursor)?, place(&asked.after)?);
    // The list first: what is in it by then is there to be read.
    let list = app.lists.list_of(reader).await?;
    let newest = list.last.saturating_add(1);
    let window = match (older, newer) {
        (Some(_), Some(_)) => return Err(Problem::bad_request("either cursor or after")),
        (older, None) => Window::before(older.unwrap_or(newest).min(newest), limit),
        (None, Some(after)) => Window::after(after, limit, &list),
    };
    let is_history = newer.is_none();
    let (window, found) = match is_history {
        true => app.history(reader, window, limit).await?,
        false => (window, app.kept(reader, window).await?),
    };
    // An empty page is no end: what was told late leaves before what was told in front of it.
    let more = is_history && window.first > 1;
    let came_to = match newer {
        None => list.last,
        Some(after) => window.last.max(after),
    };
    Ok(axum::Json(NotificationListBody {
        notifications: app.bodies(&list, &found).await?,
        last: list.last,
        read_up_to: list.read_up_to,
        next_cursor: more.then(|| app.cursor(reader, window.first)),
        resume_cursor: app.cursor(reader, came_to),
        behind: came_to < list.last,
    }))
}

impl<S: Lists> App<S> {
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
    async fn history(
        &self,
        reader: Reader<'_>,
        mut window: Window,
        limit: u8,
    ) -> Result<(Window, Vec<Notification>), StoreError> {
        let mut found = self.kept(reader, window).await?;
        for _ in 1..MAX_WINDOWS {
            if !found.is_empty() || window.first <= 1 {
                break;
            }
            window = Window::before(window.first, limit);
            found = self.kept(reader, window).await?;
        }
        found.reverse();
        Ok((window, found))
    }

    /// What is there of a window. DynamoDB may take days to remove what has ended.
    async fn kept(
        &self,
        reader: Reader<'_>,
        window: Window,
    ) -> Result<Vec<Notification>, StoreError> {
        let now = self.clock.now();
        let found = self
            .lists
            .notifications(reader, window.first, window.count());
        let mut found = found.await?;
        found.retain(|it| now < it.expires_at());
        Ok(found)
    }

    async fn bodies(
        &self,
        list: &NotificationList,
        found: &[Notification],
    ) -> Result<Vec<NotificationBody>, StoreError> {
        let mailed = found.iter().filter(|it| it.is_mailed());
        let ids: Vec<String> = mailed.map(|it| it.notice.id.clone()).collect();
        let outcomes: HashMap<String, DeliveryOutcome> = match ids.is_empty() {
            true => HashMap::new(),
            false => self.lists.deliveries(&ids).await?.into_iter().collect(),
        };
        let body = |it: &Notification| NotificationBody::of(list, it, outcomes.get(&it.notice.id));
        Ok(found.iter().map(body).collect())
    }
}
