//! What those who run the shop say to a group, or to some people.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use contracts::http::{BroadcastBody, NewMessage, NewMessageToUsers, SentBody, canonical};
use domain::{CustomerId, GroupId};
use http_edge::{By, Caller, IdempotencyKey, Json, Once, Problem, answer_once};
use idempotency::Failed;
use telling::{Said, TellError};

use crate::routes::{Accounts, App, Claims, Lists};

pub(crate) const TO_GROUP: &str = "/api/v1/admin/groups/{id}/notifications";
pub(crate) const TO_USERS: &str = "/api/v1/admin/notifications";

/// Says something to a group, however many belong to it.
pub(crate) async fn broadcast_to_group<A: Accounts, S: Lists, C: Claims>(
    State(app): State<Arc<App<A, S, C>>>,
    (caller, By(author)): (Caller, By),
    Path(id): Path<String>,
    key: IdempotencyKey,
    Json(body): Json<NewMessage>,
) -> Result<Response, Problem> {
    let group = app.find(&caller, &id).await?.id;
    let (who, now) = (&caller.principal, app.clock.now());
    let (fingerprint, id) = (canonical(&body), group.to_string());
    let words = body.parse().map_err(Problem::invalid)?;
    let whose = (&who.tenant, &who.subject);
    let asked = [id.as_bytes(), fingerprint.as_slice()];
    let said = Said::new(
        whose,
        (TO_GROUP, key.as_str(), &asked),
        (Some(group), words),
        now,
    );
    let once = Once::conditional(who, TO_GROUP, &key, &asked);
    let notes = app.accounts.by(&author);
    let work = async || say_to_group(&app, &notes, &said, group).await;
    answer_once(&app.claims, &once, ((app.new_id)(), now), work).await
}

async fn say_to_group<A: Accounts, S: Lists, C>(
    app: &App<A, S, C>,
    notes: &A,
    said: &Said,
    group: GroupId,
) -> Result<Response, Failed<Problem>> {
    let told = said.broadcast_to_group(notes, &app.lists, group).await;
    // Whoever ends the group closes its list first.
    let told = told.map_err(failed)?;
    let told = told.ok_or_else(|| Failed::Nothing(Problem::not_found()))?;
    Ok(created(BroadcastBody::from(told)))
}

/// Says something to some people, each in their own list.
pub(crate) async fn send_to_users<A: Accounts, S: Lists, C: Claims>(
    State(app): State<Arc<App<A, S, C>>>,
    (caller, By(author)): (Caller, By),
    key: IdempotencyKey,
    Json(body): Json<NewMessageToUsers>,
) -> Result<Response, Problem> {
    let (who, now) = (&caller.principal, app.clock.now());
    let fingerprint = canonical(&body);
    let (users, words) = body.parse().map_err(Problem::invalid)?;
    let whose = (&who.tenant, &who.subject);
    let asked = [fingerprint.as_slice()];
    let said = Said::new(whose, (TO_USERS, key.as_str(), &asked), (None, words), now);
    let once = Once::conditional(who, TO_USERS, &key, &asked);
    let accounts = app.accounts.by(&author);
    let work = async || say_to_each(&app, &accounts, &said, &users).await;
    answer_once(&app.claims, &once, ((app.new_id)(), now), work).await
}

async fn say_to_each<A: Accounts, S: Lists, C>(
    app: &App<A, S, C>,
    accounts: &A,
    said: &Said,
    users: &[CustomerId],
) -> Result<Response, Failed<Problem>> {
    let told = said.send_to_users(accounts, &app.lists, users).await;
    Ok(created(SentBody::of(users, told.map_err(failed)?)))
}

fn created(body: impl serde::Serialize) -> Response {
    (StatusCode::CREATED, axum::Json(body)).into_response()
}

/// What was told of it is told once when it is done again.
fn failed(error: TellError) -> Failed<Problem> {
    Failed::Unknown(error.into_store().into())
}
