//! What a caller gets back: an answer, or a connection that ends without one.

use std::io;

use axum::body::{Body, Bytes};
use axum::response::Response;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};

use crate::ledger::Interference;

/// An answer, upstream's or our own.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// How a call ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// None if the call went nowhere.
    pub(crate) answer: Option<Answer>,
    /// The caller sees its connection close.
    pub(crate) cut: bool,
    pub(crate) interference: Option<Interference>,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, content_type: &'static str, body: String) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        Self {
            status,
            headers,
            body: body.into(),
        }
    }
}

impl Outcome {
    /// Upstream's answer, as it is.
    pub(crate) fn passed_on(answer: Answer) -> Self {
        Self {
            answer: Some(answer),
            cut: false,
            interference: None,
        }
    }

    /// The proxy's own answer.
    pub(crate) fn answered_here(answer: Answer, interference: Interference) -> Self {
        Self {
            interference: Some(interference),
            ..Self::passed_on(answer)
        }
    }

    pub(crate) fn into_response(self) -> Response {
        let Some(answer) = self.answer.filter(|_| !self.cut) else {
            return cut();
        };
        let mut response = Response::new(Body::from(answer.body));
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        response
    }
}

/// Ends the connection before a byte of the answer was sent: the server gives up on a body that
/// fails at once, and by then it has flushed nothing.
fn cut() -> Response {
    let failure = futures::stream::once(async {
        Err::<Bytes, io::Error>(io::Error::other("the answer is lost on purpose"))
    });
    Response::new(Body::from_stream(failure))
}
