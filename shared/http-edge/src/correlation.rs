//! What ties the lines of one request together, here and in every service that it reaches: our
//! own request id, and the W3C trace context.

use std::fmt;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use domain::Traceparent;
use tracing::Span;
use tracing::field::display;
use uuid::Uuid;

use crate::Problem;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// Longest request id that is taken from outside.
const MAX_REQUEST_ID: usize = 64;

/// The ids of a request. An extractor: a route that takes one gets those of its request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correlation {
    /// The caller's `x-request-id`, or one of ours: 1 to 64 of `A-Z a-z 0-9 . _ -`.
    pub request_id: String,
    /// The caller's trace, or a new one, with a span of ours: W3C trace context, version 00.
    pub traceparent: String,
}

impl Correlation {
    /// Takes over what the caller sent when it is well-formed, and makes up the rest.
    pub(crate) fn of(headers: &HeaderMap, new_id: &dyn Fn() -> Uuid) -> Self {
        let text = |name: HeaderName| headers.get(name)?.to_str().ok();
        let request_id = text(REQUEST_ID).filter(|id| is_request_id(id));
        let trace_id = text(TRACEPARENT).and_then(trace_id);
        let new_trace = || new_id().simple().to_string();
        let trace_id = trace_id.map_or_else(new_trace, str::to_owned);
        // The low half of a UUID is never zero: its highest bit is always set.
        let (_, span_id) = new_id().as_u64_pair();
        Self {
            request_id: request_id.map_or_else(|| new_id().to_string(), str::to_owned),
            traceparent: format!("00-{trace_id}-{span_id:016x}-01"),
        }
    }

    /// The trace context in the domain's form, to be stored with what the request changes.
    pub fn trace(&self) -> Option<Traceparent> {
        Traceparent::parse(&self.traceparent).ok()
    }

    /// The request id where it has the form of ours, else the id of the trace: the audit log cannot
    /// forget what it hashed, so no text that a caller chose goes into it.
    pub(crate) fn without_words(&self) -> String {
        match Uuid::try_parse(&self.request_id) {
            Ok(id) => id.to_string(),
            Err(_) => trace_id(&self.traceparent).unwrap_or_default().to_owned(),
        }
    }

    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        for (name, text) in [
            (REQUEST_ID, &self.request_id),
            (TRACEPARENT, &self.traceparent),
        ] {
            if let Ok(value) = HeaderValue::from_str(text) {
                headers.insert(name, value);
            }
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Correlation {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let outside = || Problem::internal().because("the route is not inside the edge");
        parts.extensions.get().cloned().ok_or_else(outside)
    }
}

/// Puts the id of the order that a request is about on its line in the log.
pub fn note_order(id: impl fmt::Display) {
    Span::current().record("order.id", display(id));
}

fn is_request_id(text: &str) -> bool {
    (1..=MAX_REQUEST_ID).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// The trace id of a `traceparent` header (<https://www.w3.org/TR/trace-context/>). Later
/// versions may have more fields after ours.
fn trace_id(header: &str) -> Option<&str> {
    let mut fields = header.split('-');
    let (version, trace, span, flags) = (
        fields.next()?,
        fields.next()?,
        fields.next()?,
        fields.next()?,
    );
    let hex = |text: &str, length| {
        let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        text.len() == length && text.bytes().all(digit)
    };
    let nonzero = |text: &str| text.bytes().any(|byte| byte != b'0');
    let formed = hex(version, 2) && hex(trace, 32) && hex(span, 16) && hex(flags, 2);
    let known = version != "ff" && (version != "00" || fields.next().is_none());
    (formed && known && nonzero(trace) && nonzero(span)).then_some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

    fn of(pairs: &[(HeaderName, &str)]) -> Correlation {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        Correlation::of(&headers, &|| Uuid::from_u128(0xabcd_8000_0000_0000_0001))
    }

    #[test]
    fn takes_over_a_well_formed_request_id() {
        assert_eq!(of(&[(REQUEST_ID, "abc-1.2_3")]).request_id, "abc-1.2_3");
    }

    #[test]
    fn makes_up_a_request_id_when_there_is_none_or_a_bad_one() {
        let long = "x".repeat(65);
        let made = "00000000-0000-abcd-8000-000000000001";
        assert_eq!(of(&[]).request_id, made);
        for bad in ["", "a b", "a\"b", "ä", long.as_str()] {
            assert_eq!(of(&[(REQUEST_ID, bad)]).request_id, made, "{bad}");
        }
    }

    #[test]
    fn goes_on_with_the_callers_trace_under_a_span_of_its_own() {
        let header = format!("00-{TRACE}-b7ad6b7169203331-01");
        let traceparent = of(&[(TRACEPARENT, &header)]).traceparent;
        assert_eq!(traceparent, format!("00-{TRACE}-8000000000000001-01"));
    }

    #[test]
    fn starts_a_trace_when_there_is_none_or_a_bad_one() {
        let made = "00-000000000000abcd8000000000000001-8000000000000001-01";
        assert_eq!(of(&[]).traceparent, made);
        for bad in [
            "",
            "00",
            "00-0-0-0",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        ] {
            assert_eq!(of(&[(TRACEPARENT, bad)]).traceparent, made, "{bad}");
        }
    }

    #[test]
    fn a_trace_fits_the_domain() {
        assert!(of(&[]).trace().is_some());
    }
}
