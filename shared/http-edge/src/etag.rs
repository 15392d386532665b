//! Versions of what is shown (RFC 9110 section 8.8.3), so that nobody overwrites what they have not
//! seen.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};

use domain::ports::SaveError;

use crate::Problem;

#[cfg(test)]
mod tests;

/// The `ETag` of a version: the number in quotes.
pub fn etag(version: u64) -> HeaderValue {
    // Digits in quotes are a header's value.
    HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// The version that a change was made from. An extractor: without an `If-Match` it answers 428,
/// and 400 where that is not one strong tag of ours. `*` is none: it would overwrite what was not
/// seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfMatch(u64);

impl IfMatch {
    /// Refuses a change that was made from another version.
    ///
    /// # Errors
    /// 412.
    pub fn demand(self, version: u64) -> Result<(), Problem> {
        if self.0 != version {
            return Err(Self::failed());
        }
        Ok(())
    }

    /// What became of a save from the version that was read.
    ///
    /// # Errors
    /// 412 when somebody else was faster; the store's own problem.
    pub fn saved<A: std::fmt::Debug>(saved: Result<A, SaveError<A>>) -> Result<A, Problem> {
        saved.map_err(|error| match error {
            SaveError::Conflict(_) => Self::failed(),
            SaveError::Store(error) => error.into(),
        })
    }

    /// 412: somebody else changed it meanwhile.
    fn failed() -> Problem {
        Problem::of_status(StatusCode::PRECONDITION_FAILED)
            .detail("it was changed meanwhile; read it again")
    }

    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('"')?.strip_suffix('"')?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        let version = plain.then(|| digits.parse().ok())??;
        Some(Self(version))
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut given = parts.headers.get_all(header::IF_MATCH).iter();
        let Some(first) = given.next() else {
            return Err(Problem::of_status(StatusCode::PRECONDITION_REQUIRED)
                .detail("send the ETag of what you change as If-Match"));
        };
        let text = first.to_str().ok().filter(|_| given.next().is_none());
        text.and_then(Self::parse)
            .ok_or_else(|| Problem::bad_request("If-Match is one ETag of ours"))
    }
}
