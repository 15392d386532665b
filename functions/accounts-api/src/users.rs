//! Accounts.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::http::{ChangePassword, RegisterUser, UpdateUser, UserBody};
use domain::ports::{KeepAccounts, RegisterError, SaveError};
use domain::{Account, CustomerId};
use http_edge::{Caller, IfMatch, Json, Problem, Role, etag};
use identity::HashPasswords;

use crate::routes::{App, Store};

pub(crate) async fn register<S: Store, P: HashPasswords + Sync>(
    State(app): State<Arc<App<S, P>>>,
    Json(body): Json<RegisterUser>,
) -> Result<Response, Problem> {
    let asked = body.parse().map_err(|invalid| Problem::invalid(&invalid))?;
    let whom = (app.tenant.clone(), asked, vec![Role::Customer]);
    let registered = identity::register(
        &app.store,
        &app.passwords,
        whom,
        app.new_id,
        app.clock.now(),
    );
    let account = registered.await.map_err(|error| match error {
        RegisterError::EmailTaken => {
            Problem::new(StatusCode::CONFLICT, "address-taken", "Address taken")
                .detail("the address has an account; sign in")
        }
        RegisterError::Store(error) => error.into(),
    })?;
    let location = format!("/api/v1/users/{}", account.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        shown(&account),
    )
        .into_response())
}

fn shown(account: &Account) -> impl IntoResponse + use<> {
    let tag = [(header::ETAG, etag(account.version))];
    (tag, axum::Json(UserBody::from(account)))
}

/// What is not theirs to see is not there.
async fn find(store: &impl KeepAccounts, caller: &Caller, id: &str) -> Result<Account, Problem> {
    let id = CustomerId::parse(id).map_err(|_| Problem::not_found())?;
    let account = store.account(&id).await?;
    account
        .filter(|account| caller.may_have(&account.tenant, &account.id))
        .ok_or_else(Problem::not_found)
}

async fn save(store: &impl KeepAccounts, account: Account) -> Result<Account, Problem> {
    store
        .save_account(account)
        .await
        .map_err(|error| match error {
            SaveError::Conflict(_) => IfMatch::failed(),
            SaveError::Store(error) => error.into(),
        })
}

pub(crate) async fn show<S: Store, P>(
    State(app): State<Arc<App<S, P>>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let account = find(&app.store, &caller, &id).await?;
    Ok(shown(&account))
}

pub(crate) async fn update<S: Store, P>(
    State(app): State<Arc<App<S, P>>>,
    caller: Caller,
    Path(id): Path<String>,
    seen: IfMatch,
    Json(body): Json<UpdateUser>,
) -> Result<impl IntoResponse, Problem> {
    let profile = body.parse().map_err(|invalid| Problem::invalid(&invalid))?;
    let mut account = find(&app.store, &caller, &id).await?;
    seen.demand(account.version)?;
    if account.update(profile, app.clock.now()) {
        account = save(&app.store, account).await?;
    }
    Ok(shown(&account))
}

/// Ends all sessions, that of whoever knows the old password among them.
pub(crate) async fn change_password<S: Store, P: HashPasswords + Sync>(
    State(app): State<Arc<App<S, P>>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<ChangePassword>,
) -> Result<StatusCode, Problem> {
    let mut account = find(&app.store, &caller, &id).await?;
    if !app
        .passwords
        .verify(Some(&account.password), &body.current_password.0)
    {
        let wrong = "the current password is another";
        return Err(
            Problem::new(StatusCode::FORBIDDEN, "wrong-password", "Wrong password").detail(wrong),
        );
    }
    let password = body
        .parse(&account.email)
        .map_err(|invalid| Problem::invalid(&invalid))?;
    account.password = app.passwords.hash(&password.0, (app.new_id)())?;
    account.end_sessions(app.clock.now());
    save(&app.store, account).await?;
    Ok(StatusCode::NO_CONTENT)
}
