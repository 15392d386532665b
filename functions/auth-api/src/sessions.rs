//! Signing in, staying signed in, signing out.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use contracts::http::{RefreshToken, SignIn, TokensBody};
use domain::{SessionLimits, SessionRejection};
use http_edge::{By, Caller, Guesses, Json, Problem};
use identity::{Credentials, HashPasswords, RefreshError, SignInError};
use tracing::warn;

use crate::routes::{App, Store};

pub(crate) async fn sign_in<S: Store, P: HashPasswords + Sync, T: Send + Sync>(
    State(app): State<Arc<App<S, P, T>>>,
    (guesses, By(author)): (Guesses, By),
    Json(body): Json<SignIn>,
) -> Result<Json<TokensBody>, Problem> {
    let (email, password) = body.parse().map_err(Problem::invalid)?;
    guesses.at(&app.tenant, &email).await?;
    let who = Credentials {
        tenant: &app.tenant,
        email: &email,
        password: &password,
        verified_only: app.verified_only,
    };
    let (id, now) = ((app.new_id)(), app.clock.now());
    let tried = identity::sign_in(&app.store.by(&author), &app.passwords, who, id, now).await;
    let signed_in = tried.map_err(|error| match error {
        SignInError::Refused { account } => {
            let detail = "address and password do not fit";
            Problem::refused("sign-in-refused", "Sign-in refused", detail).trying(
                &app.tenant,
                &email.folded(),
                account,
            )
        }
        SignInError::Unverified => {
            let slug = "address-unverified";
            Problem::new(StatusCode::FORBIDDEN, slug, "Address not verified")
                .detail("use the link that was mailed to the address")
        }
        SignInError::Store(error) => error.into(),
    })?;
    let session = signed_in.session;
    app.issuer
        .tokens(&signed_in.account, (session.id, session.live), now)
}

fn session_over() -> Problem {
    Problem::refused("session-over", "Session over", "sign in again")
}

pub(crate) async fn refresh<S: Store, P: Send + Sync, T: Send + Sync>(
    State(app): State<Arc<App<S, P, T>>>,
    By(author): By,
    Json(body): Json<RefreshToken>,
) -> Result<Json<TokensBody>, Problem> {
    let (id, token) = app
        .issuer
        .read(&body.refresh_token)
        .ok_or_else(session_over)?;
    let (limits, now) = (SessionLimits::default(), app.clock.now());
    let refreshed = identity::refresh(&app.store.by(&author), (id, token), &limits, now).await;
    let refreshed = refreshed.map_err(|error| match error {
        RefreshError::Refused(why) => {
            if why == SessionRejection::Reused {
                warn!(session.id = %id, "a refresh token was used twice: the session is ended");
            }
            session_over()
        }
        RefreshError::Store(error) => error.into(),
    })?;
    app.issuer
        .tokens(&refreshed.account, (id, refreshed.live), now)
}

/// Signing out twice, or with a token that is worth nothing, is signing out.
pub(crate) async fn sign_out<S: Store, P: Send + Sync, T: Send + Sync>(
    State(app): State<Arc<App<S, P, T>>>,
    By(author): By,
    Json(body): Json<RefreshToken>,
) -> Result<StatusCode, Problem> {
    if let Some((id, _)) = app.issuer.read(&body.refresh_token) {
        identity::sign_out(&app.store.by(&author), id, app.clock.now()).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all sessions of whoever asks.
pub(crate) async fn sign_out_everywhere<S: Store, P: Send + Sync, T: Send + Sync>(
    State(app): State<Arc<App<S, P, T>>>,
    (caller, By(author)): (Caller, By),
) -> Result<StatusCode, Problem> {
    let (now, own) = (app.clock.now(), &caller.principal.subject);
    let store = app.store.by(&author);
    let changed = identity::change(&store, own, |account| {
        let theirs = caller.may_have(&account.tenant, &account.id);
        if theirs {
            account.end_sessions(now);
        }
        theirs
    });
    changed.await?.ok_or_else(Problem::not_found)?;
    Ok(StatusCode::NO_CONTENT)
}
