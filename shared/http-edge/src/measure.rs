//! What is counted of every request, by the `metrics` facade: whoever runs the process decides
//! where it goes.

use std::time::Duration;

use axum::extract::MatchedPath;
use axum::http::{Method, StatusCode};

/// How many requests: by method, route and class of status.
const REQUESTS: &str = "http_requests";
/// From the first byte that we see to the last that we make, in milliseconds: by the same.
const DURATION: &str = "http_request_duration_ms";

/// What a request is counted under. Both are few, whatever is asked for: a path that is no route
/// and a method that nobody has are told apart from nothing.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    method: &'static str,
    route: Option<MatchedPath>,
}

impl Measured {
    pub(crate) fn new(method: &Method, route: Option<MatchedPath>) -> Self {
        let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        let method = known.into_iter().find(|known| method.as_str() == *known);
        Self {
            method: method.unwrap_or("other"),
            route,
        }
    }

    /// The route as it was declared, or `-`.
    pub(crate) fn route(&self) -> &str {
        self.route.as_ref().map_or("-", MatchedPath::as_str)
    }

    /// Counts an answer.
    pub(crate) fn count(&self, status: StatusCode, took: Duration) {
        let labels = [
            ("method", self.method.to_owned()),
            ("route", self.route().to_owned()),
            ("status", class(status).to_owned()),
        ];
        metrics::counter!(REQUESTS, &labels).increment(1);
        metrics::histogram!(DURATION, &labels).record(took.as_secs_f64() * 1_000.0);
    }
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        ..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}
