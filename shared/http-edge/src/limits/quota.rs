//! What a caller is told of its limit: `RateLimit` and `RateLimit-Policy`
//! (draft-ietf-httpapi-ratelimit-headers-10), and `Retry-After`.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use limits::WINDOW_MS;

use crate::Problem;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// Length of the window, in seconds.
const WINDOW: u64 = WINDOW_MS / 1_000;

/// One limit, and what is known to be left of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quota {
    name: &'static str,
    pub(crate) limit: u32,
    left: Option<u32>,
}

impl Quota {
    pub(crate) const fn of(name: &'static str, limit: u32) -> Self {
        let left = None;
        Self { name, limit, left }
    }

    /// With so many left, as far as this process knows.
    pub(crate) const fn left(self, left: u32) -> Self {
        let left = Some(left);
        Self { left, ..self }
    }

    /// Puts it on a response. Where nobody could count, only the policy. What the route itself refused
    /// for a limit of its own stands.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        if headers.contains_key(RATE_LIMIT_POLICY) {
            return;
        }
        let left = self.left.map(|left| self.state(left, WINDOW));
        for (name, text) in [(RATE_LIMIT_POLICY, Some(self.policy())), (RATE_LIMIT, left)] {
            let value = text.and_then(|text| HeaderValue::from_str(&text).ok());
            if let Some(value) = value {
                headers.insert(name, value);
            }
        }
    }

    fn policy(&self) -> String {
        format!("\"{}\";q={};w={WINDOW}", self.name, self.limit)
    }

    fn state(&self, left: u32, seconds: u64) -> String {
        format!("\"{}\";r={left};t={seconds}", self.name)
    }

    /// 429, to come again after so many seconds.
    pub(crate) fn refusal(&self, seconds: u64) -> Problem {
        let Self { name, limit, .. } = self;
        let detail = format!("the limit \"{name}\" is {limit} requests in {WINDOW} seconds");
        let problem = Problem::too_many(detail, seconds);
        let headers = [
            (RATE_LIMIT_POLICY, self.policy()),
            (RATE_LIMIT, self.state(0, seconds)),
        ];
        headers.into_iter().fold(
            problem,
            |problem, (name, text)| match HeaderValue::from_str(&text) {
                Ok(value) => problem.header(name, value),
                Err(_) => problem,
            },
        )
    }
}
