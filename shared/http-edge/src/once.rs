//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): how it is read, and how a route
//! whose write is not its own record is answered once per key.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::edge::EdgeError;
use domain::{CustomerId, TenantId};
use idempotency::{
    Answer, Claim, Failed, Fingerprint, KeepClaims, Key, Outcome, Request, RunError, Write,
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{Principal, Problem};

#[cfg(test)]
mod tests;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// On an answer that an earlier request got first.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Longest key, in characters.
const MAX_KEY: usize = 255;
/// How long a request may be at work: three times the time limit of a function.
const AT_WORK: SignedDuration = SignedDuration::from_secs(30);
/// How long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The `Idempotency-Key` of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The one key of the request.
    ///
    /// # Errors
    /// 400 where there is none, more than one, or one that cannot be used.
    pub fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut given = headers.get_all(IDEMPOTENCY_KEY).iter();
        let first = given.next().and_then(|key| key.to_str().ok());
        let usable = |key: &&str| {
            (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let key = first.filter(usable).filter(|_| given.next().is_none());
        key.map(|key| Self(key.to_owned())).ok_or_else(|| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "idempotency-key",
                "Idempotency-Key needed",
            )
            .detail("send an Idempotency-Key of 1 to 255 visible ASCII characters")
        })
    }

    /// The key as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key as it was sent.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// Without a usable key a route that asks for it answers 400.
impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::of(&parts.headers)
    }
}

/// Where a key is not asked for, one that is sent must be usable all the same.
impl<S: Sync> OptionalFromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Problem> {
        let given = parts.headers.contains_key(IDEMPOTENCY_KEY);
        given.then(|| Self::of(&parts.headers)).transpose()
    }
}

/// Marks an answer that an earlier request got first.
pub fn mark_replayed(response: &mut Response) {
    response
        .headers_mut()
        .insert(REPLAYED, HeaderValue::from_static("true"));
}

/// 422: the key was used for another request.
pub fn key_reused() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "idempotency-key-reused",
        "Idempotency-Key reused",
    )
    .detail("the Idempotency-Key was used with another body")
}

/// A request that is to be done once.
#[derive(Debug)]
pub struct Once<'a> {
    /// Who asks; another's key of the same text is another key.
    pub tenant: &'a TenantId,
    /// See `tenant`.
    pub subject: &'a CustomerId,
    /// What is done, such as `POST /api/v1/admin/orders/{id}/refunds`: one key may serve two routes.
    pub route: &'a str,
    /// The key.
    pub key: &'a IdempotencyKey,
    /// What is asked for: the ids of the path and the parsed body in one form. Not the time.
    pub asked: &'a [&'a [u8]],
    /// Whether the work may be done again when nobody knows if it was done.
    pub write: Write,
}

impl<'a> Once<'a> {
    /// A request of this caller whose write is itself conditional.
    pub fn conditional(
        principal: &'a Principal,
        route: &'a str,
        key: &'a IdempotencyKey,
        asked: &'a [&'a [u8]],
    ) -> Self {
        Self {
            tenant: &principal.tenant,
            subject: &principal.subject,
            route,
            key,
            asked,
            write: Write::Conditional,
        }
    }

    fn request(&self, run: Uuid, now: Timestamp) -> Request {
        let owner = [self.tenant.as_str(), self.subject.as_str()];
        let [tenant, subject] = owner;
        let later = |span| now.checked_add(span).unwrap_or(Timestamp::MAX);
        let claim = Claim {
            key: Key::of(&[tenant, subject, self.route, self.key.as_str()]),
            id: run,
            fingerprint: Fingerprint::of(self.asked),
            deadline: later(AT_WORK),
            expires: later(KEPT),
        };
        Request {
            claim,
            write: self.write,
            now,
        }
    }
}

/// Does the work of a route once per key: the first answer is stored with its status, headers and
/// bytes, and a repeat gets it, marked as replayed. `run` is a random id.
///
/// A refusal that the work answers with [`Failed`] is not kept: the key stays free for a better
/// time. One that is to stand for ever is an answer like another.
///
/// # Errors
/// 422 for a key of another request, 409 with `Retry-After` while another run is at work or where
/// one ended without an answer and must not be repeated; what the work or the store failed with.
pub async fn answer_once<S>(
    store: &S,
    once: &Once<'_>,
    (run, now): (Uuid, Timestamp),
    work: impl AsyncFnOnce() -> Result<Response, Failed<Problem>>,
) -> Result<Response, Problem>
where
    S: KeepClaims,
    S::Error: EdgeError,
{
    let request = once.request(run, now);
    let work = async || match work().await {
        Ok(response) => kept(response).await.map_err(Failed::Unknown),
        Err(failed) => Err(failed),
    };
    let outcome = idempotency::run(store, &request, work).await;
    match outcome {
        Ok(Outcome::First(answer)) => given(answer),
        Ok(Outcome::Replay(answer)) => {
            let mut response = given(answer)?;
            mark_replayed(&mut response);
            Ok(response)
        }
        Ok(Outcome::OtherRequest) => Err(key_reused()),
        Ok(Outcome::Running(until)) => Err(at_work(until.duration_since(now))),
        Ok(Outcome::Stuck) => Err(unknown_outcome()),
        Err(RunError::Work(problem)) => Err(problem),
        Err(RunError::Store(error)) => Err(error.into()),
    }
}

async fn kept(response: Response) -> Result<Answer, Problem> {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, crate::BODY_LIMIT)
        .await
        .map_err(|_| Problem::internal().because("the answer is too large to be kept"))?;
    let text = |value: &HeaderValue| value.to_str().map(str::to_owned).ok();
    let headers = parts.headers.iter();
    let headers = headers.filter_map(|(name, value)| Some((name.to_string(), text(value)?)));
    Ok(Answer {
        status: parts.status.as_u16(),
        headers: headers.collect(),
        body: body.into(),
    })
}

fn given(answer: Answer) -> Result<Response, Problem> {
    let unreadable = |_| Problem::internal().because("a kept answer cannot be read");
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).map_err(|error| unreadable(error.to_string()))?;
    for (name, value) in answer.headers {
        let name = HeaderName::try_from(name).map_err(|error| unreadable(error.to_string()))?;
        let value = HeaderValue::try_from(value).map_err(|error| unreadable(error.to_string()))?;
        response.headers_mut().append(name, value);
    }
    Ok(response.into_response())
}

fn at_work(left: SignedDuration) -> Problem {
    let seconds = left.as_secs().clamp(1, AT_WORK.as_secs());
    in_progress()
        .detail("another request with this Idempotency-Key is at work")
        .header(
            header::RETRY_AFTER,
            HeaderValue::from(seconds.unsigned_abs()),
        )
}

fn unknown_outcome() -> Problem {
    in_progress()
        .detail("a request with this Idempotency-Key ended without an answer; it is not repeated")
}

fn in_progress() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "idempotency-key-in-use",
        "Idempotency-Key in use",
    )
}
