//! Links that are mailed: asking for one, and using it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use contracts::http::{ConfirmReset, RequestReset, VerifyEmail};
use domain::{AuthorKind, LinkPurpose};
use http_edge::{By, Caller, Json, Problem};
use identity::{HashPasswords, LinkError};

use crate::routes::{App, Store};

/// 202 and the same work, whoever has the address; and whoever asks: that need not be its owner.
pub(crate) async fn request_reset<S: Store, P: Send + Sync, T: Send + Sync>(
    State(app): State<Arc<App<S, P, T>>>,
    By(mut author): By,
    Json(body): Json<RequestReset>,
) -> Result<StatusCode, Problem> {
    let email = body.parse().map_err(Problem::invalid)?;
    author.kind = AuthorKind::Anybody;
    let (store, who) = (app.store.by(&author), (&app.tenant, &email));
    identity::request_reset(&store, who, (app.new_id)(), app.clock.now()).await?;
    Ok(StatusCode::ACCEPTED)
}

fn refused() -> Problem {
    let detail = "the link was used, is too old, or is none; ask for another";
    let (status, slug) = (StatusCode::UNPROCESSABLE_ENTITY, "link-refused");
    Problem::new(status, slug, "Link refused").detail(detail)
}

fn problem(error: LinkError) -> Problem {
    match error {
        LinkError::Refused => refused(),
        LinkError::Password(invalid) => Problem::invalid(invalid),
        LinkError::Store(error) => error.into(),
    }
}

pub(crate) async fn reset_password<S: Store, P: HashPasswords + Send + Sync, T: Send + Sync>(
    State(app): State<Arc<App<S, P, T>>>,
    By(author): By,
    Json(body): Json<ConfirmReset>,
) -> Result<StatusCode, Problem> {
    let link = app.links.read(LinkPurpose::ResetPassword, &body.token.0);
    let link = link.ok_or_else(refused)?;
    let (body, now) = ((body, (app.new_id)()), app.clock.now());
    let store = app.store.by(&author);
    let reset = identity::reset_password(&store, &app.passwords, link, body, now);
    reset.await.map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn verify_email<S: Store, P: Send + Sync, T: Send + Sync>(
    State(app): State<Arc<App<S, P, T>>>,
    By(author): By,
    Json(body): Json<VerifyEmail>,
) -> Result<StatusCode, Problem> {
    let link = app.links.read(LinkPurpose::VerifyEmail, &body.token.0);
    let link = link.ok_or_else(refused)?;
    let store = app.store.by(&author);
    let verified = identity::verify_email(&store, link, app.clock.now());
    verified.await.map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}

/// 202 also where there is nothing to verify, or where the last link was mailed just now.
pub(crate) async fn request_verification<S: Store, P: Send + Sync, T: Send + Sync>(
    State(app): State<Arc<App<S, P, T>>>,
    (caller, By(author)): (Caller, By),
) -> Result<StatusCode, Problem> {
    let (now, own) = (app.clock.now(), &caller.principal.subject);
    let store = app.store.by(&author);
    let changed = identity::change(&store, own, |account| {
        account.request_verification(now);
        caller.may_have(&account.tenant, &account.id)
    });
    changed.await?.ok_or_else(Problem::not_found)?;
    Ok(StatusCode::ACCEPTED)
}
