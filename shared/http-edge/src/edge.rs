//! The stack around a router, outermost first: ids and span of the request, the form of
//! refusals, security headers, metrics and the line in the log; origins of browsers; panics; then, for known routes only, who may use
//! the route, how often, and the size of the body.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use contracts::edge::AnswerBy;
use contracts::errors::ErrorName;
use domain::ApiKeySecret;
use domain::ports::{LookUpApiKey, NoteRefusals};
use futures::FutureExt;
use jiff::Timestamp;
use tracing::field::Empty;
use tracing::{Instrument, error, error_span, info};
use uuid::Uuid;

use crate::api::Elsewhere;
use crate::keyring::{KeyRefusal, Keyring};
use crate::limits::{Guesses, Limits, Quota, Whose, address};
use crate::measure::Measured;
use crate::problem::{MEDIA_TYPE, Noted};
use crate::refusals::Refusals;
use crate::token::TokenError;
use crate::{
    Api, Caller, Correlation, Origins, Policy, Principal, Problem, TokenVerifier, headers,
};

/// Longest body that is read, in bytes, unless the options say otherwise.
pub const BODY_LIMIT: usize = 64 * 1024;
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

type NewId = Arc<dyn Fn() -> Uuid + Send + Sync>;
type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What the edge of a router needs.
#[derive(Clone)]
pub struct Options {
    gate: Option<Gate>,
    limits: Option<Limits>,
    refusals: Option<Refusals>,
    new_id: NewId,
    body_limit: usize,
    origins: Origins,
}

#[derive(Clone)]
struct Gate {
    verifier: Arc<TokenVerifier>,
    keys: Option<Arc<Keyring>>,
    now: Now,
}

impl Gate {
    async fn verify(&self, headers: &HeaderMap) -> Result<Principal, Problem> {
        let now = (self.now)();
        let text = match credential(headers) {
            Some(Credential::Token(token)) => {
                let verified = self.verifier.verify(token, now);
                return verified.map_err(|error| refused(&error));
            }
            Some(Credential::Key(text)) => text,
            None => return Err(refused(&TokenError::Missing)),
        };
        let keys = self
            .keys
            .as_ref()
            .ok_or_else(|| refused(&KeyRefusal::Malformed))?;
        keys.admit(text, now).await.map_err(|error| match error {
            KeyRefusal::Store(error) => error.into(),
            error => refused(&error),
        })
    }
}

/// One answer for whatever is wrong with what somebody showed.
fn refused(why: &impl fmt::Display) -> Problem {
    Problem::unauthorised().because(why.to_string())
}

/// What stands before one route.
#[derive(Clone)]
struct Door {
    gate: Option<Gate>,
    limits: Option<Limits>,
    refusals: Option<Refusals>,
    policy: Policy,
    way_in: bool,
}

impl Door {
    /// Who is asking, whether or not they may.
    async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let gate = self.gate.as_ref();
        let gate = gate.ok_or_else(|| refused(&"the function takes no tokens"))?;
        let principal = gate.verify(headers).await?;
        Ok(Caller::new(principal, self.policy))
    }

    /// Lets a request in: who is asking, and what is left of their limit.
    async fn admit(&self, request: &mut Request) -> Result<Option<Quota>, Problem> {
        let whose = match self.policy {
            Policy::Anybody => self.anybody(request),
            _ => self.known(request).await?,
        };
        match &self.limits {
            Some(limits) => limits.count(&whose).await.map(Some),
            None => Ok(None),
        }
    }

    async fn known(&self, request: &mut Request) -> Result<Whose, Problem> {
        let caller = self.caller(request.headers()).await?;
        let whose = Whose::principal(&caller.principal);
        let admitted = self.policy.admit(&caller.principal);
        request.extensions_mut().insert(caller);
        let guesses = self.guesses(address(request.extensions()));
        request.extensions_mut().insert(guesses);
        admitted.map(|()| whose)
    }

    fn anybody(&self, request: &mut Request) -> Whose {
        let address = address(request.extensions());
        if !self.way_in {
            return Whose::Address(address);
        }
        let guesses = self.guesses(address.clone());
        request.extensions_mut().insert(guesses);
        Whose::Entry(address)
    }

    /// What counts tries at passwords from this address.
    fn guesses(&self, address: String) -> Guesses {
        Guesses(self.limits.clone().map(|limits| (limits, address)))
    }
}

impl Options {
    /// Routes that are not for anybody need a valid access token. `now` is the clock that its times
    /// are compared with, `new_id` makes random ids for requests and traces.
    pub fn protected(
        verifier: TokenVerifier,
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
        new_id: impl Fn() -> Uuid + Send + Sync + 'static,
    ) -> Self {
        let gate = Gate {
            verifier: Arc::new(verifier),
            keys: None,
            now: Arc::new(now),
        };
        Self {
            gate: Some(gate),
            ..Self::public(new_id)
        }
    }

    /// API keys are taken too. Without this they are refused as any text is that is no token.
    #[must_use]
    pub fn with_keys(mut self, keys: impl LookUpApiKey + Send + Sync + 'static) -> Self {
        if let Some(gate) = &mut self.gate {
            gate.keys = Some(Arc::new(Keyring::new(keys)));
        }
        self
    }

    /// API keys are not taken: what the routes do is for those who sign in.
    #[must_use]
    pub fn without_keys(mut self) -> Self {
        if let Some(gate) = &mut self.gate {
            gate.keys = None;
        }
        self
    }

    /// Nobody has a token: routes that are not for anybody are closed.
    pub fn public(new_id: impl Fn() -> Uuid + Send + Sync + 'static) -> Self {
        Self {
            gate: None,
            limits: None,
            refusals: None,
            new_id: Arc::new(new_id),
            body_limit: BODY_LIMIT,
            origins: Origins::default(),
        }
    }

    /// Callers are limited. Without this they are not.
    #[must_use]
    pub fn limited(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Refusals of those who are known are noted for the audit log. Without this they are not.
    #[must_use]
    pub fn noting<S, N>(mut self, refusals: S, now: N) -> Self
    where
        S: NoteRefusals + Send + Sync + 'static,
        N: Fn() -> Timestamp + Send + Sync + 'static,
    {
        self.refusals = Some(Refusals::new(refusals, now));
        self
    }

    /// Pages of these origins may call the API from a browser. Without this none may.
    #[must_use]
    pub fn open_to(mut self, origins: Origins) -> Self {
        self.origins = origins;
        self
    }

    /// Another limit for bodies, in bytes.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("protected", &self.gate.is_some())
            .field("limits", &self.limits)
            .field("body_limit", &self.body_limit)
            .field("origins", &self.origins)
            .finish_non_exhaustive()
    }
}

/// Puts the stack around routes. Without a verifier nobody gets to a route that is not for
/// anybody.
pub fn edge(api: Api, options: Options) -> Router {
    let mut router = Router::new();
    let (routes, elsewhere) = api.into_parts();
    for (route, handler) in routes {
        let door = Door {
            gate: options.gate.clone(),
            limits: options.limits.clone(),
            refusals: options.refusals.clone(),
            policy: route.policy,
            way_in: route.way_in,
        };
        let handler = handler
            .route_layer(from_fn_with_state(options.body_limit, limit_body))
            .route_layer(from_fn_with_state(door, admit));
        router = router.route(route.path, handler);
    }
    for path in elsewhere {
        router = router.route(path.0, any(move || answered_elsewhere(path)));
    }
    router = router.layer(from_fn(catch));
    if let Some(origins) = options.origins.layer() {
        router = router.layer(origins);
    }
    router.layer(from_fn_with_state(options.new_id, observe))
}

async fn answered_elsewhere((_, methods): &'static Elsewhere) -> Response {
    Problem::of_status(StatusCode::METHOD_NOT_ALLOWED)
        .header(header::ALLOW, HeaderValue::from_static(methods))
        .into_response()
}

async fn observe(State(new_id): State<NewId>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let correlation = Correlation::of(request.headers(), new_id.as_ref());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let measured = Measured::new(&method, route);
    let span = error_span!(
        "request",
        "http.request_id" = correlation.request_id,
        traceparent = correlation.traceparent,
        "http.method" = method.as_str(),
        "http.route" = measured.route(),
        "order.id" = Empty,
    );
    request.extensions_mut().insert(correlation.clone());
    let answer = async {
        let mut response = as_problem(next.run(request).await);
        correlation.write(response.headers_mut());
        headers::secure(response.headers_mut());
        let took = started.elapsed();
        log(&response, took);
        measured.count(response.status(), took);
        response
    };
    answer.instrument(span).await
}

/// A panic is a refusal like others, and so is an end of the time. Nothing survives either but the
/// adapters, which hold nothing that it could break.
async fn catch(request: Request, next: Next) -> Response {
    let end = request.extensions().get::<AnswerBy>().copied();
    let work = AssertUnwindSafe(next.run(request)).catch_unwind();
    let answered = match end {
        None => Ok(work.await),
        Some(AnswerBy(end)) => tokio::time::timeout_at(end.into(), work).await,
    };
    match answered {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => Problem::internal().because("panicked").into_response(),
        Err(_) => Problem::unavailable()
            .detail("this took too long, ask again")
            .because("no answer in time")
            .into_response(),
    }
}

/// Refusals that axum makes (unknown route, wrong method, a path that cannot be read) become
/// problems like all others and keep their headers, such as `Allow`.
fn as_problem(response: Response) -> Response {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let refused = status.is_client_error() || status.is_server_error();
    if !refused || kind.is_some_and(|kind| kind == MEDIA_TYPE) {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    let mut problem = Problem::of_status(status).into_response();
    problem.headers_mut().extend(parts.headers);
    problem
}

/// The one line about a request.
fn log(response: &Response, took: Duration) {
    let status = response.status().as_u16();
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let noted = response.extensions().get::<Noted>();
    let name = |noted: &Noted| noted.name.map(ErrorName::as_str);
    let outcome = noted.map_or("ok", |noted| name(noted).unwrap_or(&noted.slug));
    let cause = noted.and_then(|noted| noted.cause.as_deref());
    if status >= 500 {
        error!(outcome, status, duration_ms, error = cause, "request");
    } else {
        info!(outcome, status, duration_ms, error = cause, "request");
    }
}

async fn admit(State(door): State<Door>, mut request: Request, next: Next) -> Response {
    let admitted = door.admit(&mut request).await;
    let watched = door.refusals.as_ref().map(|it| it.watch(&request));
    let response = match admitted {
        Ok(quota) => {
            let mut response = next.run(request).await;
            if let Some(quota) = quota {
                quota.write(response.headers_mut());
            }
            response
        }
        Err(problem) => problem.into_response(),
    };
    let refused = watched.and_then(|it| it.look(&response));
    if let (Some(refusals), Some(refusal)) = (&door.refusals, refused) {
        refusals.hand_on(refusal).await;
    }
    response
}

/// What somebody shows.
enum Credential<'a> {
    Token(&'a str),
    Key(&'a str),
}

/// The one thing that somebody shows: a token or a key as `Authorization: Bearer …`, or a key as
/// `X-Api-Key: …`. Who shows two things shows nothing.
fn credential(headers: &HeaderMap) -> Option<Credential<'_>> {
    let mut keys = headers.get_all(API_KEY).iter();
    let Some(key) = keys.next() else {
        let text = bearer(headers)?;
        return Some(match ApiKeySecret::is_meant(text) {
            true => Credential::Key(text),
            false => Credential::Token(text),
        });
    };
    let alone = keys.next().is_none() && !headers.contains_key(header::AUTHORIZATION);
    let key = key.to_str().ok().filter(|_| alone)?;
    Some(Credential::Key(key.trim()))
}

/// The token of the one `Authorization` header.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value: &HeaderValue = values.next()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Reads the body before the route does: on Lambda it is in memory already, and so the limit
/// holds for every route, whatever it does with the body.
async fn limit_body(State(limit): State<usize>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match to_bytes(body, limit).await {
        Ok(bytes) => {
            next.run(Request::from_parts(parts, Body::from(bytes)))
                .await
        }
        Err(_) => Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE)
            .detail(format!("the body may have {limit} bytes"))
            .into_response(),
    }
}

#[cfg(test)]
mod tests;
