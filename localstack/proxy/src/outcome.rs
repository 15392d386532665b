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

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }
}

impl Outcome {
    /// Neither passed on nor answered.
    pub(crate) fn dropped() -> Self {
        Self {
            answer: None,
            cut: true,
            interference: Some(Interference::Drop),
        }
    }

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

    pub(crate) fn succeeded(&self) -> bool {
        let answer = self.answer.as_ref();
        answer.is_some_and(|answer| answer.status.is_success())
    }

    /// Notes what the proxy did, unless it did something before that says more.
    pub(crate) fn struck_by(mut self, interference: Interference) -> Self {
        self.interference.get_or_insert(interference);
        self
    }

    /// Gives the proxy's own answers an id to be found by: the number of the call.
    pub(crate) fn with_request_id(mut self, number: u64) -> Self {
        if self.interference.is_some_and(Interference::answers) {
            let id = format!("aws-proxy-{number}");
            self.answer = self
                .answer
                .map(|answer| answer.with("x-amzn-requestid", &id));
        }
        self
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
