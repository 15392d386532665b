//! Accounts.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::http::{ChangeEmail, ChangePassword, RegisterUser, RolesBody, UpdateUser, UserBody};
use domain::ports::{KeepAccounts, MoveAccountError, RegisterError};
use domain::{Account, CustomerId, LinkTooSoon, PasswordHash};
use http_edge::{By, Caller, Guesses, IfMatch, Json, Problem, Role, etag};
use identity::HashPasswords;

use crate::routes::{App, Store};

pub(crate) async fn register<S: Store, P: HashPasswords + Sync>(
    State(app): State<Arc<App<S, P>>>,
    By(author): By,
    Json(body): Json<RegisterUser>,
) -> Result<Response, Problem> {
    let asked = body.parse().map_err(Problem::invalid)?;
    let whom = (app.tenant.clone(), asked, vec![Role::Customer]);
    let store = app.store.by(&author);
    let registered = identity::register(&store, &app.passwords, whom, app.new_id, app.clock.now());
    let account = registered.await.map_err(|error| match error {
        RegisterError::EmailTaken => taken("the address has an account; sign in"),
        RegisterError::Store(error) => error.into(),
    })?;
    let location = format!("/api/v1/users/{}", account.id);
    let located = [(header::LOCATION, location)];
    Ok((StatusCode::CREATED, located, shown(&account)).into_response())
}

fn taken(detail: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, "address-taken", "Address taken").detail(detail)
}

fn shown(account: &Account) -> impl IntoResponse + use<> {
    let tag = [(header::ETAG, etag(account.version))];
    (tag, axum::Json(UserBody::from(account)))
}

fn parse(id: &str) -> Result<CustomerId, Problem> {
    CustomerId::parse(id).map_err(|_| Problem::not_found())
}

/// What is not theirs to see is not there, nor what was erased.
async fn find(store: &impl KeepAccounts, caller: &Caller, id: &str) -> Result<Account, Problem> {
    let id = parse(id)?;
    let account = store.account(&id).await?;
    account
        .filter(|account| !account.is_erased())
        .filter(|account| caller.may_have(&account.tenant, &account.id))
        .ok_or_else(Problem::not_found)
}

/// What opens an account is changed while it is open only: who got into it otherwise would keep it.
async fn find_open(
    store: &impl KeepAccounts,
    caller: &Caller,
    id: &str,
) -> Result<Account, Problem> {
    let account = find(store, caller, id).await?;
    match account.is_active() {
        true => Ok(account),
        false => Err(Problem::forbidden()),
    }
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
    (caller, By(author)): (Caller, By),
    Path(id): Path<String>,
    seen: IfMatch,
    Json(body): Json<UpdateUser>,
) -> Result<impl IntoResponse, Problem> {
    let profile = body.parse().map_err(Problem::invalid)?;
    let mut account = find(&app.store, &caller, &id).await?;
    seen.demand(account.version)?;
    if account.update(profile, app.clock.now()) {
        account = IfMatch::saved(app.store.by(&author).save_account(account).await)?;
    }
    Ok(shown(&account))
}

/// Nobody gives roles to themselves, nor gives theirs up: somebody else is asked.
pub(crate) async fn appoint<S: Store, P>(
    State(app): State<Arc<App<S, P>>>,
    (caller, By(author)): (Caller, By),
    Path(id): Path<String>,
    seen: IfMatch,
    Json(body): Json<RolesBody>,
) -> Result<impl IntoResponse, Problem> {
    let roles = body.parse().map_err(Problem::invalid)?;
    let mut account = find(&app.store, &caller, &id).await?;
    caller.must_not_be(&account.id)?;
    seen.demand(account.version)?;
    if account.appoint(roles, app.clock.now()) {
        account = IfMatch::saved(app.store.by(&author).save_account(account).await)?;
    }
    Ok(shown(&account))
}

/// Changes the account, whatever version was seen of it.
async fn change(
    store: &impl KeepAccounts,
    caller: &Caller,
    id: &CustomerId,
    change: impl Fn(&mut Account),
) -> Result<Account, Problem> {
    let changed = identity::change(store, id, |account| {
        let theirs = caller.may_have(&account.tenant, &account.id);
        if theirs {
            change(account);
        }
        theirs
    });
    changed.await?.ok_or_else(Problem::not_found)
}

/// Those who run the shop have somebody else end theirs, so that one is left.
pub(crate) async fn deactivate<S: Store, P>(
    State(app): State<Arc<App<S, P>>>,
    (caller, By(author)): (Caller, By),
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let (id, now) = (parse(&id)?, app.clock.now());
    if caller.principal.has_one_of(&[Role::Admin]) {
        caller.must_not_be(&id)?;
    }
    let store = app.store.by(&author);
    let account = change(&store, &caller, &id, |account| account.deactivate(now));
    Ok(shown(&account.await?))
}

pub(crate) async fn activate<S: Store, P>(
    State(app): State<Arc<App<S, P>>>,
    (caller, By(author)): (Caller, By),
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let (id, now) = (parse(&id)?, app.clock.now());
    caller.must_not_be(&id)?;
    let store = app.store.by(&author);
    let account = change(&store, &caller, &id, |account| account.activate(now));
    Ok(shown(&account.await?))
}

/// Ends all sessions, that of whoever knows the old password among them.
pub(crate) async fn change_password<S: Store, P: HashPasswords + Send + Sync>(
    State(app): State<Arc<App<S, P>>>,
    (caller, By(author)): (Caller, By),
    guesses: Guesses,
    Path(id): Path<String>,
    Json(body): Json<ChangePassword>,
) -> Result<StatusCode, Problem> {
    let mut account = find_open(&app.store, &caller, &id).await?;
    let fits = |kept: &PasswordHash| app.passwords.verify(kept, &body.current_password.0);
    guesses.prove(&account, fits).await?;
    let password = body.parse(&account.email).map_err(Problem::invalid)?;
    let kept = app.passwords.hash(&password.0, (app.new_id)())?;
    account.change_password(kept, app.clock.now());
    IfMatch::saved(app.store.by(&author).save_account(account).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all sessions as well: they began under another address, which their tokens name.
pub(crate) async fn change_email<S: Store, P: HashPasswords + Send + Sync>(
    State(app): State<Arc<App<S, P>>>,
    (caller, By(author)): (Caller, By),
    guesses: Guesses,
    Path(id): Path<String>,
    Json(body): Json<ChangeEmail>,
) -> Result<StatusCode, Problem> {
    let (email, password) = body.parse().map_err(Problem::invalid)?;
    let mut account = find_open(&app.store, &caller, &id).await?;
    let fits = |kept: &PasswordHash| app.passwords.verify(kept, &password.0);
    guesses.prove(&account, fits).await?;
    let from = account.email.clone();
    if account
        .change_email(email, app.clock.now())
        .map_err(too_soon)?
    {
        let saved = match app.store.by(&author).save_moved(account, &from).await {
            Err(MoveAccountError::EmailTaken) => return Err(taken("the address has an account")),
            Err(MoveAccountError::Save(error)) => Err(error),
            Ok(moved) => Ok(moved),
        };
        IfMatch::saved(saved)?;
    }
    Ok(StatusCode::NO_CONTENT)
}

fn too_soon(error: LinkTooSoon) -> Problem {
    let whole = error.wait.as_secs().unsigned_abs();
    Problem::too_many(error.to_string(), whole.saturating_add(1))
}
