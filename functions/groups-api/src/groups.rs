//! Groups.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::http::{GroupBody, GroupListBody, NewGroup, canonical};
use domain::ports::GroupError;
use domain::{Group, GroupId, id_of_request};
use http_edge::{By, Caller, IdempotencyKey, Json, Once, Problem, answer_once, page_size};
use idempotency::Failed;
use serde::Deserialize;

use crate::routes::{Accounts, App, Claims, Lists, groups_of};

pub(crate) const PATH: &str = "/api/v1/admin/groups";

/// Query of a list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    pub(crate) cursor: Option<String>,
    pub(crate) limit: Option<u8>,
}

impl Asked {
    pub(crate) fn of(query: Result<Query<Self>, QueryRejection>) -> Result<Self, Problem> {
        let query = query.map_err(|_| Problem::bad_request("cursor and limit only"))?;
        Ok(query.0)
    }
}

/// The groups that the caller belongs to: by their `list` they subscribe and read.
pub(crate) async fn own<A: Accounts, S: Lists, C: Claims>(
    State(app): State<Arc<App<A, S, C>>>,
    Caller { principal, .. }: Caller,
) -> Result<axum::Json<GroupListBody>, Problem> {
    let person = (&principal.tenant, &principal.subject);
    let groups = app.accounts.groups_of(person).await?;
    Ok(axum::Json(GroupListBody {
        groups: groups.iter().map(GroupBody::from).collect(),
        next_cursor: None,
    }))
}

pub(crate) async fn list<A: Accounts, S: Lists, C: Claims>(
    State(app): State<Arc<App<A, S, C>>>,
    Caller { principal, .. }: Caller,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<axum::Json<GroupListBody>, Problem> {
    let asked = Asked::of(asked)?;
    let name = groups_of(&principal.tenant);
    let after = app.cursors.read(&name, asked.cursor.as_deref())?;
    let limit = page_size(asked.limit)?;
    let page = app
        .accounts
        .groups(&principal.tenant, after.as_deref(), limit);
    let page = page.await?;
    Ok(axum::Json(GroupListBody {
        groups: page.items.iter().map(GroupBody::from).collect(),
        next_cursor: page.next.map(|place| app.cursors.make(&name, &place)),
    }))
}

pub(crate) async fn show<A: Accounts, S: Lists, C: Claims>(
    State(app): State<Arc<App<A, S, C>>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<GroupBody>, Problem> {
    Ok(axum::Json(GroupBody::from(&app.find(&caller, &id).await?)))
}

/// Its id is made of the key: who asks again meets the same group.
pub(crate) async fn create<A: Accounts, S: Lists, C: Claims>(
    State(app): State<Arc<App<A, S, C>>>,
    (caller, By(author)): (Caller, By),
    key: IdempotencyKey,
    Json(body): Json<NewGroup>,
) -> Result<Response, Problem> {
    let (who, now) = (&caller.principal, app.clock.now());
    let route = format!("POST {PATH}");
    let fingerprint = canonical(&body);
    let id = id_of_request((&who.tenant, &who.subject), &route, key.as_str());
    let name = body.parse().map_err(Problem::invalid)?;
    let group = Group::new(GroupId(id), &who.tenant, name, now);
    let asked = [fingerprint.as_slice()];
    let once = Once::conditional(who, &route, &key, &asked);
    let store = app.accounts.by(&author);
    let work = async || match store.create_group(&group).await {
        Ok(()) => Ok(created(&group)),
        Err(GroupError::Store(error)) => Err(Failed::Unknown(error.into())),
        Err(refused) => Err(Failed::Nothing(refusal(&refused))),
    };
    answer_once(&app.claims, &once, ((app.new_id)(), now), work).await
}

fn created(group: &Group) -> Response {
    let place = [(header::LOCATION, format!("{PATH}/{}", group.id))];
    (
        StatusCode::CREATED,
        place,
        axum::Json(GroupBody::from(group)),
    )
        .into_response()
}

fn refusal(error: &GroupError) -> Problem {
    let (slug, title) = match error {
        GroupError::TooMany => ("too-many-groups", "Too many groups"),
        _ => ("id-taken", "Id taken"),
    };
    Problem::new(StatusCode::CONFLICT, slug, title).detail(error.to_string())
}

/// Its list first: whoever is interrupted finds the group still there. A second time answers as the
/// first.
pub(crate) async fn end<A: Accounts, S: Lists, C: Claims>(
    State(app): State<Arc<App<A, S, C>>>,
    (caller, By(author)): (Caller, By),
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = GroupId::parse(&id).ok_or_else(Problem::not_found)?;
    let tenant = &caller.principal.tenant;
    if app.accounts.group((tenant, id)).await?.is_some() {
        let reader = id.reader();
        app.lists.forget_notifications((tenant, &reader)).await?;
    }
    let store = app.accounts.by(&author);
    match store.end_group((tenant, id), app.clock.now()).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::not_found()),
    }
}
