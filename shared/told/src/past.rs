//! What has left a list, from the full history. The list itself is asked first, and is enough where
//! nothing has left it; a history that is away takes from a page what only it has, and nothing else.

use std::collections::BTreeSet;
use std::time::Duration;

use contracts::http::Missing;
use domain::ports::{Cause, ReadHistory, ReadNotifications, Reader, StoreError};
use domain::{Notification, NotificationList, NumberWindow};
use tokio::time::{Instant, timeout_at};
use tracing::warn;

/// How long a request waits for the history, all in all.
const WITHIN: Duration = Duration::from_millis(300);

/// The past of one list, for the length of a request.
#[derive(Debug)]
pub struct Past<'app, H> {
    /// None where there is no history, or once it did not answer.
    history: Option<&'app H>,
    /// When to stop waiting; none before the history was asked.
    until: Option<Instant>,
    /// What could not be shown so far.
    pub missing: Option<Missing>,
}

impl<'app, H: ReadHistory> Past<'app, H> {
    /// Nothing is asked for whoever was erased: their history may not have heard of it yet.
    pub fn of(list: &NotificationList, history: Option<&'app H>) -> Self {
        Self {
            history: history.filter(|_| !list.closed),
            until: None,
            missing: None,
        }
    }

    /// Adds to what a list has of a window what it has no more, in order.
    pub async fn fill(
        &mut self,
        reader: Reader<'_>,
        window: NumberWindow,
        found: &mut Vec<Notification>,
    ) {
        if found.len() < window.count() {
            let known: BTreeSet<u64> = found.iter().map(|it| it.number).collect();
            let past = self.remembered(reader, window).await;
            found.extend(past.into_iter().filter(|it| !known.contains(&it.number)));
            found.sort_by_key(|it| it.number);
        }
        if found.len() < window.count() {
            self.missing = self.missing.or(Some(Missing::Gone));
        }
    }

    async fn remembered(&mut self, reader: Reader<'_>, window: NumberWindow) -> Vec<Notification> {
        let Some(history) = self.history else {
            return Vec::new();
        };
        let until = *self.until.get_or_insert_with(|| Instant::now() + WITHIN);
        let past = history.remembered(reader, window.first, window.count());
        match in_time(until, past).await {
            Ok(past) => past,
            Err(error) => {
                let error: &(dyn std::error::Error + 'static) = &error;
                warn!(error, "a page without the full history");
                self.history = None;
                self.missing = Some(Missing::Unavailable);
                Vec::new()
            }
        }
    }
}

/// Marks in the history what has left the list. What was never told, or was read with all up to a
/// later one, needs no mark.
///
/// # Errors
/// [`StoreError`]: what is still in the list was marked.
pub async fn mark_left(
    (lists, history): (&impl ReadNotifications, Option<&impl ReadHistory>),
    reader: Reader<'_>,
    mut left: Vec<u64>,
) -> Result<(), StoreError> {
    let Some(history) = history.filter(|_| !left.is_empty()) else {
        return Ok(());
    };
    let list = lists.list_of(reader).await?;
    left.retain(|number| list.read_up_to < *number && *number <= list.last);
    if left.is_empty() || list.closed {
        return Ok(());
    }
    let marked = history.mark_remembered(reader, &left);
    in_time(Instant::now() + WITHIN, marked).await
}

async fn in_time<T>(
    until: Instant,
    answer: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let late = |_| StoreError::Unavailable(Cause("no answer in time".to_owned()));
    timeout_at(until, answer).await.map_err(late)?
}
