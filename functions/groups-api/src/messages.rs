//! What those who run the shop say: once into the list of a group, or into the lists of some people.
//! Sockets hear it by the stream, as they hear of everything else in lists. Nothing of it is mailed or
//! texted.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use contracts::http::{
    BroadcastBody, NewMessage, NewMessageToUsers, ParsedMessage, SentBody, ToldBody, canonical,
};
use domain::ports::{Cause, NoteAnnouncements, StoreError};
use domain::{
    Announcement, CustomerId, GroupId, Notice, Notification, NotificationKind, TenantId,
    id_of_request,
};
use futures::future::join_all;
use http_edge::{By, Caller, IdempotencyKey, Json, Once, Problem, answer_once};
use idempotency::Failed;
use jiff::Timestamp;
use telling::{TellError, keep};
use uuid::Uuid;

use crate::routes::{Accounts, App, Claims, Lists};

pub(crate) const TO_GROUP: &str = "/api/v1/admin/groups/{id}/notifications";
pub(crate) const TO_USERS: &str = "/api/v1/admin/notifications";
/// People who are told at one time.
const AT_ONCE: usize = 8;

/// Says something to a group, however many belong to it: one notification in one list.
pub(crate) async fn broadcast_to_group<A: Accounts, S: Lists, C: Claims>(
    State(app): State<Arc<App<A, S, C>>>,
    (caller, By(author)): (Caller, By),
    Path(id): Path<String>,
    key: IdempotencyKey,
    Json(body): Json<NewMessage>,
) -> Result<Response, Problem> {
    let group = app.find(&caller, &id).await?;
    let (who, now) = (&caller.principal, app.clock.now());
    let route = format!("POST {TO_GROUP}");
    let (fingerprint, id) = (canonical(&body), group.id.to_string());
    let saying = Saying {
        id: id_of_request((&who.tenant, &who.subject), &route, key.as_str()),
        tenant: &who.tenant,
        message: body.parse().map_err(Problem::invalid)?,
        at: now,
    };
    let asked = [id.as_bytes(), fingerprint.as_slice()];
    let once = Once::conditional(who, &route, &key, &asked);
    let store = app.accounts.by(&author);
    let work = async || say_to_group(&app, &store, &saying, group.id).await;
    answer_once(&app.claims, &once, ((app.new_id)(), now), work).await
}

async fn say_to_group<A: Accounts, S: Lists, C>(
    app: &App<A, S, C>,
    by: &A,
    saying: &Saying<'_>,
    group: GroupId,
) -> Result<Response, Failed<Problem>> {
    saying.note(by, Some(group)).await?;
    let told = saying.tell(app, &group.reader(), None).await?;
    // Whoever ends the group closes its list first.
    let told = told.ok_or_else(|| Failed::Nothing(Problem::not_found()))?;
    let body = BroadcastBody {
        id: told.notice.id,
        number: told.number,
    };
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}

/// Says something to some people: one notification in the list of each. Who comes again after it
/// failed in between goes through all of them; a list takes it once.
pub(crate) async fn send_to_users<A: Accounts, S: Lists, C: Claims>(
    State(app): State<Arc<App<A, S, C>>>,
    (caller, By(author)): (Caller, By),
    key: IdempotencyKey,
    Json(body): Json<NewMessageToUsers>,
) -> Result<Response, Problem> {
    let (who, now) = (&caller.principal, app.clock.now());
    let route = format!("POST {TO_USERS}");
    let fingerprint = canonical(&body);
    let (users, message) = body.parse().map_err(Problem::invalid)?;
    let saying = Saying {
        id: id_of_request((&who.tenant, &who.subject), &route, key.as_str()),
        tenant: &who.tenant,
        message,
        at: now,
    };
    let asked = [fingerprint.as_slice()];
    let once = Once::conditional(who, &route, &key, &asked);
    let store = app.accounts.by(&author);
    let work = async || say_to_each(&app, &store, &saying, &users).await;
    answer_once(&app.claims, &once, ((app.new_id)(), now), work).await
}

async fn say_to_each<A: Accounts, S: Lists, C>(
    app: &App<A, S, C>,
    by: &A,
    saying: &Saying<'_>,
    users: &[CustomerId],
) -> Result<Response, Failed<Problem>> {
    saying.note(by, None).await?;
    let mut body = SentBody {
        told: Vec::with_capacity(users.len()),
        unknown: Vec::new(),
    };
    for some in users.chunks(AT_ONCE) {
        let telling = some.iter().map(|user| saying.tell_user(app, user));
        for (user, told) in some.iter().zip(join_all(telling).await) {
            match told? {
                None => body.unknown.push(user.to_string()),
                Some(told) => body.told.push(ToldBody {
                    user_id: user.to_string(),
                    id: told.notice.id,
                    number: told.number,
                }),
            }
        }
    }
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}

/// What is said, and by which id: made of the idempotency key.
struct Saying<'a> {
    id: Uuid,
    tenant: &'a TenantId,
    message: ParsedMessage,
    at: Timestamp,
}

impl Saying<'_> {
    /// For the audit log, before anybody is told.
    async fn note(
        &self,
        by: &impl NoteAnnouncements,
        group: Option<GroupId>,
    ) -> Result<(), Failed<Problem>> {
        let said = Announcement {
            id: self.id,
            tenant: self.tenant.clone(),
            group,
            at: self.at,
        };
        let noted = by.note_announcement(&said).await;
        noted.map_err(|error| Failed::Unknown(error.into()))
    }

    /// Nothing where the shop has no such account.
    async fn tell_user<A: Accounts, S: Lists, C>(
        &self,
        app: &App<A, S, C>,
        user: &CustomerId,
    ) -> Result<Option<Notification>, Failed<Problem>> {
        let account = app.accounts.account(user).await;
        let account = account.map_err(|error| Failed::Unknown(error.into()))?;
        match account.is_some_and(|it| it.tenant == *self.tenant && !it.is_erased()) {
            true => self.tell(app, user, Some(user)).await,
            false => Ok(None),
        }
    }

    /// Nothing where the list is closed. An event is in one list: of what many are told, each has an id
    /// of their own.
    async fn tell<A, S: Lists, C>(
        &self,
        app: &App<A, S, C>,
        reader: &CustomerId,
        each: Option<&CustomerId>,
    ) -> Result<Option<Notification>, Failed<Problem>> {
        let id = match each {
            None => format!("message/{}", self.id),
            Some(user) => format!("message/{}/{user}", self.id),
        };
        let notice = Notice {
            id,
            kind: NotificationKind::Message,
            title: self.message.title.clone(),
            message: self.message.message.clone(),
            data: self.message.data.clone(),
            at: self.at,
        };
        let told = keep(&app.lists, (self.tenant, reader), &notice, false).await;
        told.map_err(failed)
    }
}

fn failed(error: TellError) -> Failed<Problem> {
    Failed::Unknown(match error {
        TellError::Store(error) => error.into(),
        // Others kept adding to the same list.
        other => StoreError::Unavailable(Cause(other.to_string())).into(),
    })
}
