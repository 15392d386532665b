//! Says over sockets what tables say already, and closes the sockets of who signed out. A socket
//! holds nothing up: who did not hear it reads it.
//!
//! | | |
//! |---|---|
//! | trigger | streams: new notifications of the realtime table; stock of the inventory table; figures of the operations table; ended sessions, changed accounts and who left a group of the accounts table |
//! | reads | the images; the realtime table: rows of sockets |
//! | writes | the realtime table: takes out of those rows what is gone |
//! | emits | frames into sockets; what a group is told, slice by slice, to a queue; which shop's figures changed, to another |
//! | fails with | Unavailable; the stream sends the record again |
//! | safe to repeat because | a notification has a number and stock a sequence, by which clients drop what they have; a queue takes a change of figures once; a closed socket is gone |

mod close;
mod config;
mod leave;
mod push;
mod slices;

use std::time::Duration;

use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::http::NotificationBody;
use contracts::sockets::{FiguresChanged, ListName, SocketMessage, own_list};
use domain::ports::{KeepSockets, PostToSockets, SendMessages, StoreError};
use domain::{CustomerId, GroupId, NotificationList, TenantId, Topic};
use dynamo_store::outbox::{UndecodableImage, from_stream_json};
use dynamo_store::pushed::{Happened, happened};
use futures::{StreamExt, stream};
use http_edge::Cursors;
use jiff::Timestamp;
use lambda_boot::Clock;
use lambda_boot::stream::{Failed, Record};
use thiserror::Error;
use tracing::error;

use close::Ending;
pub use config::Config;

/// Topics of a batch that are worked on at one time.
const TOPICS_AT_ONCE: usize = 8;

/// What pushing works with.
#[derive(Debug)]
pub struct App<S, P, Q> {
    /// Rows of sockets.
    pub sockets: S,
    /// Where slices of groups go.
    pub slices: Q,
    /// Where it goes that figures changed.
    pub dashboards: Q,
    /// The shop that the stock is of.
    pub tenant: TenantId,
    /// Where sockets are posted to.
    pub gateway: P,
    /// Signs where a list was read to.
    pub cursors: Cursors,
    /// The time.
    pub clock: Clock,
    /// Before what went wrong is posted once more: what hinders a post hinders it for a moment.
    pub pause: Duration,
}

/// Why a record comes again.
#[derive(Debug, Error)]
pub enum PushError {
    /// The image is none of ours.
    #[error(transparent)]
    Image(#[from] UndecodableImage),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A socket that is to be closed is being opened, or the gateway did not close it.
    #[error("a socket is not closed yet")]
    StillOpen,
}

impl EdgeError for PushError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Image(_) => ErrorName::BadInput,
            Self::Store(error) => error.name(),
            Self::StillOpen => ErrorName::Unavailable,
        }
    }
}

/// What a record is about, and what is to be done for it.
#[derive(Debug)]
enum Task {
    Say(SocketMessage),
    Close(Ending),
    Leave(Vec<GroupId>),
    Draw(TenantId),
}

impl Task {
    /// Of stock the newest is all that anybody wants to know, and of figures that they changed.
    fn replaces(&self, earlier: &Self) -> bool {
        let is_state =
            |task: &Self| matches!(task, Self::Say(SocketMessage::Stock { .. }) | Self::Draw(_));
        is_state(self) && is_state(earlier)
    }
}

/// What is to be done about one topic, in order.
type Work<'a> = Vec<(&'a Record, Task)>;

/// Does what a batch asks for: topics beside each other, and one topic in order. An image that cannot
/// be read is passed over: sending it again would hold the stream up.
pub async fn handle<S: KeepSockets, P: PostToSockets, Q: SendMessages>(
    app: &App<S, P, Q>,
    records: Vec<Record>,
) -> Vec<Failed<PushError>> {
    let mut topics: Vec<(Topic, Work<'_>)> = Vec::new();
    for record in &records {
        let read = read(app, record).unwrap_or_else(|never| {
            park(record, &never);
            Vec::new()
        });
        for (topic, task) in read {
            match topics.iter_mut().find(|(known, _)| *known == topic) {
                Some((_, tasks)) => {
                    tasks.retain(|(_, earlier)| !task.replaces(earlier));
                    tasks.push((record, task));
                }
                None => topics.push((topic, vec![(record, task)])),
            }
        }
    }
    let work = topics
        .into_iter()
        .map(|(topic, tasks)| work(app, topic, tasks));
    let failed = stream::iter(work).buffer_unordered(TOPICS_AT_ONCE);
    failed.filter_map(std::future::ready).collect().await
}

/// What comes behind a failure comes again with it.
async fn work<S: KeepSockets, P: PostToSockets, Q: SendMessages>(
    app: &App<S, P, Q>,
    topic: Topic,
    tasks: Work<'_>,
) -> Option<Failed<PushError>> {
    for (record, task) in tasks {
        let done = match task {
            Task::Say(message) => match &topic {
                Topic::Group(tenant, group) => {
                    slices::hand_out(&app.slices, (tenant, *group), &message).await
                }
                Topic::Person(..) | Topic::Stock(_) | Topic::Dashboard(_) => {
                    push::push(app, &topic, &message).await
                }
            },
            Task::Close(ending) => close::close(app, &topic, ending).await,
            Task::Leave(groups) => leave::leave(app, &topic, &groups).await,
            // Read and drawn elsewhere, a moment later: the stream waits for the queue only.
            Task::Draw(shop) => {
                let letter = FiguresChanged::letter(&shop, app.clock.now());
                app.dashboards.send(&letter).await.map_err(Into::into)
            }
        };
        if let Err(error) = done {
            return Some(record.failed(error));
        }
    }
    None
}

fn read<S, P, Q>(
    app: &App<S, P, Q>,
    record: &Record,
) -> Result<Vec<(Topic, Task)>, UndecodableImage> {
    let Some(new) = record.new_image.clone() else {
        return Ok(Vec::new());
    };
    let old = record.old_image.clone().map(from_stream_json).transpose()?;
    let happened = happened(old, from_stream_json(new)?)?;
    let alerts = matches!(happened, Some(Happened::Stock { alerts: true, .. }));
    let alert = alerts.then(|| draw(app.tenant.clone()));
    let told = happened.map(|happened| task(app, happened, record.created));
    Ok(told.into_iter().chain(alert).collect())
}

fn draw(shop: TenantId) -> (Topic, Task) {
    (Topic::Dashboard(shop.clone()), Task::Draw(shop))
}

fn task<S, P, Q>(app: &App<S, P, Q>, happened: Happened, at: Option<Timestamp>) -> (Topic, Task) {
    match happened {
        Happened::Told {
            reader: (tenant, reader),
            notification,
        } => {
            let place = notification.number.to_string();
            let cursor = app.cursors.make(&own_list(&tenant, &reader), &place);
            let body = NotificationBody::of(&NotificationList::default(), &notification, None);
            let message = SocketMessage::of_list(ListName::of(&reader), cursor, body);
            (topic_of(tenant, reader), Task::Say(message))
        }
        Happened::Stock { stock, .. } => {
            let message = SocketMessage::Stock {
                sku: stock.sku.to_string(),
                available: stock.available,
                sequence: stock.version,
            };
            (Topic::Stock(stock.sku), Task::Say(message))
        }
        Happened::Counted(shop) => draw(shop),
        Happened::SignedOut {
            reader: (tenant, reader),
            session,
            reason,
        } => {
            let ending = Ending {
                session,
                at,
                reason,
            };
            (Topic::Person(tenant, reader), Task::Close(ending))
        }
        Happened::Left {
            person: (tenant, reader),
            groups,
        } => (Topic::Person(tenant, reader), Task::Leave(groups)),
    }
}

/// Whose sockets are told what comes into a list.
fn topic_of(tenant: TenantId, reader: CustomerId) -> Topic {
    match GroupId::of_reader(&reader) {
        Some(group) => Topic::Group(tenant, group),
        None => Topic::Person(tenant, reader),
    }
}

/// The field is what the alarm looks for.
fn park(record: &Record, why: &(dyn std::error::Error + 'static)) {
    let what = record.keys.to_string();
    error!(
        parked = true,
        what,
        error = why,
        "nothing is said over sockets: the image cannot be read"
    );
}

#[cfg(test)]
mod tests;
