//! Refusals as RFC 9457 problem JSON. The `type` is stable: callers match on it, never on title
//! or detail.

use std::borrow::Cow;
use std::error::Error;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::InvalidBody;
use contracts::edge::{EdgeError, Kind};
use contracts::errors::ErrorName;
use domain::{CustomerId, TenantId};
use serde_json::{Map, Value, json};

use crate::refusals::Tried;

/// Before the slug in every `type`.
const TYPES: &str = "https://cartwright.example/problems/";
/// Content type of every problem.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";
/// What `Retry-After` says, in seconds.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// A refusal. Made from any error that may leave a function, by `?`, or by hand:
/// ```
/// use axum::http::StatusCode;
/// use http_edge::Problem;
///
/// let refusal = Problem::new(StatusCode::CONFLICT, "total-differs", "Total differs")
///     .detail("the total is 12.00 EUR")
///     .with("total", 1200);
/// assert_eq!(refusal.status(), StatusCode::CONFLICT);
/// ```
#[derive(Clone, Debug)]
pub struct Problem(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    status: StatusCode,
    slug: Cow<'static, str>,
    title: Cow<'static, str>,
    detail: Option<String>,
    errors: Vec<Pointed>,
    members: Map<String, Value>,
    headers: HeaderMap,
    noted: Noted,
}

/// One thing that is wrong with a body.
#[derive(Clone, Debug)]
struct Pointed {
    pointer: String,
    detail: String,
}

/// What the log says about a problem; travels beside the response, never in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Noted {
    /// Name of the error; `None` for problems of the edge itself, which have a slug.
    pub(crate) name: Option<ErrorName>,
    /// The whole chain of causes.
    pub(crate) cause: Option<String>,
    /// Last part of the problem's type.
    pub(crate) slug: Cow<'static, str>,
    /// Whose password was tried, where that is what was refused.
    pub(crate) tried: Option<Tried>,
}

impl Problem {
    /// A refusal with the last part of its `type` and a title, which is the same for all
    /// problems of the type.
    pub fn new(
        status: StatusCode,
        slug: impl Into<Cow<'static, str>>,
        title: impl Into<Cow<'static, str>>,
    ) -> Self {
        let slug = slug.into();
        let noted = Noted {
            slug: slug.clone(),
            ..Noted::default()
        };
        Self(Box::new(Parts {
            status,
            slug,
            title: title.into(),
            detail: None,
            errors: Vec::new(),
            members: Map::new(),
            headers: HeaderMap::new(),
            noted,
        }))
    }

    /// What is special about this case, for a person to read.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Something that is wrong with the body, at a JSON pointer.
    #[must_use]
    pub fn error(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.0.errors.push(Pointed {
            pointer: pointer.into(),
            detail: detail.into(),
        });
        self
    }

    /// A member of its own.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.members.insert(name.into(), value.into());
        self
    }

    /// A header of the response.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.insert(name, value);
        self
    }

    /// For the log only: why, with secrets and personal data left out.
    #[must_use]
    pub(crate) fn because(mut self, cause: impl Into<String>) -> Self {
        self.0.noted.cause = Some(cause.into());
        self
    }

    /// For the audit log only: whose account somebody tried to get into, and under which name, also
    /// where there is none.
    #[must_use]
    pub fn trying(mut self, shop: &TenantId, name: &str, account: Option<CustomerId>) -> Self {
        self.0.noted.tried = Some(Tried {
            shop: shop.clone(),
            name: name.to_owned(),
            account,
        });
        self
    }

    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// 400: the body is not what the route takes. See [`crate::Json`].
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::of_status(StatusCode::BAD_REQUEST).detail(detail)
    }

    /// 401: one answer for all that can be wrong with a token, so that nobody learns which.
    pub fn unauthorised() -> Self {
        Self::of_status(StatusCode::UNAUTHORIZED)
            .detail("a valid access token is needed")
            .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 401 for another reason than a missing token.
    pub fn refused(slug: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, slug, title)
            .detail(detail)
            .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 403: a valid token without the role that the route needs.
    pub fn forbidden() -> Self {
        Self::of_status(StatusCode::FORBIDDEN)
    }

    /// 404: not there, or not yours.
    pub fn not_found() -> Self {
        Self::of_status(StatusCode::NOT_FOUND)
    }

    /// 422: a body of the right shape whose content is not acceptable.
    pub fn invalid(body: InvalidBody) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid-body",
            "Invalid body",
        )
        .detail(body.to_string())
        .error(body.pointer, body.problem)
    }

    /// 500: our fault, without any detail.
    pub fn internal() -> Self {
        Self::of_name(StatusCode::INTERNAL_SERVER_ERROR, ErrorName::Internal)
    }

    /// 503: not now; come again.
    pub(crate) fn unavailable() -> Self {
        Self::of_name(StatusCode::SERVICE_UNAVAILABLE, ErrorName::Unavailable)
            .header(header::RETRY_AFTER, RETRY_AFTER)
    }

    /// 429, to come again after so many seconds.
    pub fn too_many(detail: impl Into<String>, seconds: u64) -> Self {
        let later = HeaderValue::from(seconds);
        Self::of_status(StatusCode::TOO_MANY_REQUESTS)
            .detail(detail)
            .header(header::RETRY_AFTER, later)
    }

    /// The problem that says no more than its status.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let title = match status {
            StatusCode::PAYLOAD_TOO_LARGE => "Body too large",
            StatusCode::UNAUTHORIZED => "Unauthorised",
            StatusCode::INTERNAL_SERVER_ERROR => return Self::internal(),
            _ => status.canonical_reason().unwrap_or("Refused"),
        };
        let slug = title.to_ascii_lowercase().replace([' ', '\''], "-");
        Self::new(status, slug, title)
    }

    fn of_name(status: StatusCode, name: ErrorName) -> Self {
        let words = words(name.as_str());
        let slug = words.to_ascii_lowercase().replace(' ', "-");
        let mut problem = Self::new(status, slug, words);
        problem.0.noted.name = Some(name);
        problem
    }
}

/// Rejected → 422, Conflict → 409, Retryable → 503 with `Retry-After`, Fault → 500 without
/// detail. What is missing is 404 and input that cannot be read 400.
impl<E: EdgeError> From<E> for Problem {
    fn from(error: E) -> Self {
        let name = error.name();
        let problem = match (error.kind(), name) {
            (_, ErrorName::OrderMissing) => Self::of_name(StatusCode::NOT_FOUND, name),
            (_, ErrorName::BadInput) => Self::of_name(StatusCode::BAD_REQUEST, name),
            (Kind::Rejected, _) => Self::of_name(StatusCode::UNPROCESSABLE_ENTITY, name),
            (Kind::Conflict, _) => Self::of_name(StatusCode::CONFLICT, name),
            (Kind::Retryable, _) => Self::of_name(StatusCode::SERVICE_UNAVAILABLE, name)
                .header(header::RETRY_AFTER, RETRY_AFTER),
            (Kind::Fault, _) => {
                let mut problem = Self::internal().because(chain(&error));
                problem.0.noted.name = Some(name);
                return problem;
            }
        };
        problem.detail(error.detail()).because(chain(&error))
    }
}

/// `OutOfStock` → `Out of stock`.
fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len().saturating_add(4));
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
            words.push(letter.to_ascii_lowercase());
        } else {
            words.push(letter);
        }
    }
    words
}

/// An error and its causes in one line, outermost first.
pub(crate) fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let parts = *self.0;
        let mut body = Map::new();
        body.insert("type".into(), format!("{TYPES}{}", parts.slug).into());
        body.insert("title".into(), parts.title.into());
        body.insert("status".into(), parts.status.as_u16().into());
        if let Some(detail) = parts.detail {
            body.insert("detail".into(), detail.into());
        }
        let pointed = |error: Pointed| json!({"pointer": error.pointer, "detail": error.detail});
        if !parts.errors.is_empty() {
            body.insert(
                "errors".into(),
                parts.errors.into_iter().map(pointed).collect(),
            );
        }
        body.extend(parts.members);
        let mut response = (parts.status, Value::Object(body).to_string()).into_response();
        let headers = response.headers_mut();
        headers.extend(parts.headers);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        response.extensions_mut().insert(parts.noted);
        response
    }
}

#[cfg(test)]
mod tests;
