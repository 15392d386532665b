//! Signing in, staying signed in, signing out.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use contracts::http::{RefreshToken, SignIn, TokensBody};
use domain::ports::SaveError;
use domain::{Account, Generation, SessionId, SessionLimits, SessionRejection};
use http_edge::{Caller, IfMatch, Json, Problem};
use identity::{Credentials, HashPasswords, RefreshError, SignInError};
use tracing::warn;

use crate::routes::{App, Store};

/// How often an account is read again because it was changed meanwhile.
const MAX_ROUNDS: u32 = 4;

fn unauthorised(slug: &'static str, title: &'static str, detail: &'static str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, slug, title)
        .detail(detail)
        .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}

impl<S, P> App<S, P> {
    fn tokens(
        &self,
        account: &Account,
        session: (SessionId, Generation),
    ) -> Result<axum::Json<TokensBody>, Problem> {
        let tokens = self.issuer.tokens(account, session, self.clock.now());
        tokens.map(axum::Json).map_err(|_| Problem::internal())
    }
}

pub(crate) async fn sign_in<S: Store, P: HashPasswords + Sync>(
    State(app): State<Arc<App<S, P>>>,
    Json(body): Json<SignIn>,
) -> Result<axum::Json<TokensBody>, Problem> {
    let (email, password) = body.parse().map_err(|invalid| Problem::invalid(&invalid))?;
    let who = Credentials {
        tenant: &app.tenant,
        email: &email,
        password: &password.0,
    };
    let (id, now) = ((app.new_id)(), app.clock.now());
    let tried = identity::sign_in(&app.store, &app.passwords, who, id, now).await;
    let signed_in = tried.map_err(|error| match error {
        SignInError::Refused => {
            let detail = "address and password do not fit";
            unauthorised("sign-in-refused", "Sign-in refused", detail)
        }
        SignInError::Store(error) => error.into(),
    })?;
    let session = signed_in.session;
    app.tokens(&signed_in.account, (session.id, session.live))
}

fn session_over() -> Problem {
    unauthorised("session-over", "Session over", "sign in again")
}

pub(crate) async fn refresh<S: Store, P: Send + Sync>(
    State(app): State<Arc<App<S, P>>>,
    Json(body): Json<RefreshToken>,
) -> Result<axum::Json<TokensBody>, Problem> {
    let (id, token) = app
        .issuer
        .read(&body.refresh_token)
        .ok_or_else(session_over)?;
    let limits = SessionLimits::default();
    let refreshed = identity::refresh(&app.store, (id, token), &limits, app.clock.now()).await;
    let refreshed = refreshed.map_err(|error| match error {
        RefreshError::Refused(why) => {
            if why == SessionRejection::Reused {
                warn!(session.id = %id, "a refresh token was used twice: the session is ended");
            }
            session_over()
        }
        RefreshError::Store(error) => error.into(),
    })?;
    app.tokens(&refreshed.account, (id, refreshed.live))
}

/// Signing out twice, or with a token that is worth nothing, is signing out.
pub(crate) async fn sign_out<S: Store, P: Send + Sync>(
    State(app): State<Arc<App<S, P>>>,
    Json(body): Json<RefreshToken>,
) -> Result<StatusCode, Problem> {
    if let Some((id, _)) = app.issuer.read(&body.refresh_token) {
        identity::sign_out(&app.store, id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn sign_out_everywhere<S: Store, P: Send + Sync>(
    State(app): State<Arc<App<S, P>>>,
    caller: Caller,
) -> Result<StatusCode, Problem> {
    let now = app.clock.now();
    for _ in 0..MAX_ROUNDS {
        let found = app.store.account(&caller.principal.subject).await?;
        let Some(mut account) = found.filter(|it| caller.may_have(&it.tenant, &it.id)) else {
            return Err(Problem::not_found());
        };
        account.end_sessions(now);
        match app.store.save_account(account).await {
            Ok(_) => return Ok(StatusCode::NO_CONTENT),
            Err(SaveError::Conflict(_)) => {}
            Err(SaveError::Store(error)) => return Err(error.into()),
        }
    }
    Err(IfMatch::failed())
}
