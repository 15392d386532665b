//! That a telephone number is its owner's: asking for a code, how its text stands, and using it.

use std::sync::Arc;

use axum::Json as Shown;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use contracts::http::{ConfirmPhone, PhoneConfirmationBody};
use domain::ports::ReadSendings;
use http_edge::{By, Caller, Guesses, Json, Problem};
use identity::{ask_phone_code, confirm_phone, phone_standing};

use crate::routes::{App, Store};

/// Only what is to be texted counts as a text to the number, whosever that is.
pub(crate) async fn ask<S: Store, P: Send + Sync, T: ReadSendings + Send + Sync>(
    State(app): State<Arc<App<S, P, T>>>,
    (caller, guesses, By(author)): (Caller, Guesses, By),
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let (store, now) = (app.store.by(&author), app.clock.now());
    let account = caller.own_account(&store, &id).await?;
    let wanted = account.wants_phone_code(now).map_err(Problem::no_code)?;
    if let Some(phone) = account.profile.phone.as_ref().filter(|_| wanted) {
        guesses.count_text(phone).await?;
    }
    let asked = ask_phone_code(&store, &account.id, now).await?;
    let account = asked.map_err(Problem::no_code)?;
    let shown = Shown(phone_standing(&app.texts, &account, now).await?);
    let location = format!("/api/v1/users/{}/phone/confirmation", account.id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], shown))
}

pub(crate) async fn show<S: Store, P: Send + Sync, T: ReadSendings + Send + Sync>(
    State(app): State<Arc<App<S, P, T>>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Shown<PhoneConfirmationBody>, Problem> {
    let account = caller.own_account(&app.store, &id).await?;
    let now = app.clock.now();
    Ok(Shown(phone_standing(&app.texts, &account, now).await?))
}

pub(crate) async fn confirm<S: Store, P: Send + Sync, T: ReadSendings + Send + Sync>(
    State(app): State<Arc<App<S, P, T>>>,
    (caller, By(author)): (Caller, By),
    Path(id): Path<String>,
    Json(body): Json<ConfirmPhone>,
) -> Result<Shown<PhoneConfirmationBody>, Problem> {
    let (store, now) = (app.store.by(&author), app.clock.now());
    let code = body.parse().map_err(Problem::invalid)?;
    let id = caller.own_account(&store, &id).await?.id;
    let confirmed = confirm_phone(&store, &app.codes, (&id, &code), ((app.new_id)(), now));
    let account = confirmed.await?.map_err(Problem::code_refused)?;
    Ok(Shown(phone_standing(&app.texts, &account, now).await?))
}
