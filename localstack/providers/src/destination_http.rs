//! The routes of those who keep copies of users' profiles. The version is the key: repeating a
//! request is safe.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::put;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::app::{App, Request, Work};
use crate::destination::{Command, Destination, Query, not_found};
use crate::gate;
use crate::operation::Subject;
use crate::party::{self, Call};

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new().route("/{destination}/profiles/{user}", put(keep).get(retrieve))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileCopy {
    version: u64,
    /// An object, or null where the user was erased. Must be there.
    profile: Value,
}

async fn keep(
    State(app): State<Arc<App>>,
    Path((destination, user)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Answer> {
    let destination = known(&destination)?;
    let ProfileCopy { version, profile } = understand(&body)?;
    let subject = Subject::new(destination.put(), Some(user.clone()));
    let call = Call::Destination(Command {
        destination,
        user,
        version,
        profile,
    });
    Ok(gate::pass(app, subject, Work::Write(Request { call, key: None })).await)
}

async fn retrieve(
    State(app): State<Arc<App>>,
    Path((destination, user)): Path<(String, String)>,
) -> Result<Response, Answer> {
    let destination = known(&destination)?;
    let subject = Subject::new(destination.retrieve(), Some(user.clone()));
    let query = party::Query::Profile(Query { destination, user });
    Ok(gate::pass(app, subject, Work::Read(query)).await)
}

fn known(name: &str) -> Result<Destination, Answer> {
    Destination::named(name).ok_or_else(|| not_found("there is no such destination"))
}

fn understand(body: &[u8]) -> Result<ProfileCopy, Answer> {
    let copy: ProfileCopy =
        serde_json::from_slice(body).map_err(|error| invalid(&error.to_string()))?;
    if copy.profile.is_object() || copy.profile.is_null() {
        return Ok(copy);
    }
    Err(invalid("a profile is an object or null"))
}

fn invalid(message: &str) -> Answer {
    Answer::new(
        400,
        &json!({"error": {"code": "invalid_request", "message": message}}),
    )
}
