//! One invocation, whatever its trigger: how long it may take, what interrupts it, what is
//! logged of it, and what a failure looks like to Lambda.

use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::time::Duration;

use contracts::edge::{AnswerBy, EdgeError, Kind};
use contracts::errors::ErrorName;
use futures::FutureExt;
use jiff::Timestamp;
use lambda_runtime::{Context, Diagnostic};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Span, error, error_span, info, warn};

use crate::Clock;
use crate::error::chain;
use crate::task::TRACE;

/// Kept back of the time that Lambda gives, to answer in.
const RESERVE: Duration = Duration::from_millis(500);

/// How long an invocation may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget(Option<Duration>);

impl Budget {
    /// As long as it takes: for tests and tools that have no Lambda around them.
    pub const UNLIMITED: Self = Self(None);

    /// This long.
    pub const fn of(time: Duration) -> Self {
        Self(Some(time))
    }

    /// Until 500 ms before Lambda would kill the invocation, so that it answers rather than
    /// vanishes.
    pub fn before(deadline: Timestamp, now: Timestamp) -> Self {
        let left = Duration::try_from(deadline.duration_since(now)).unwrap_or_default();
        Self(Some(left.saturating_sub(RESERVE)))
    }

    pub(crate) fn of_invocation(context: &Context) -> Self {
        let deadline = i64::try_from(context.deadline).map(Timestamp::from_millisecond);
        match deadline {
            Ok(Ok(deadline)) => Self::before(deadline, Clock::system().now()),
            _ => Self::UNLIMITED,
        }
    }

    pub(crate) fn start(self) -> Countdown {
        Countdown(self.0.and_then(|time| Instant::now().checked_add(time)))
    }
}

/// A budget that is being spent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Countdown(Option<Instant>);

impl Countdown {
    /// When it ends, if it does.
    pub(crate) fn end(&self) -> Option<AnswerBy> {
        self.0.map(|end| AnswerBy(end.into_std()))
    }

    /// Does the work, unless it panics or takes too long. The work comes boxed: a handler's
    /// future, with the AWS client's inside, is too deep for the compiler to lay out in one.
    pub(crate) async fn guard<T, W>(self, work: Pin<Box<W>>) -> Result<T, Failure>
    where
        W: Future<Output = T>,
    {
        // What a panic leaves half done is dropped with the handler's future; the adapters hold
        // nothing that a panic could break.
        let work = AssertUnwindSafe(work).catch_unwind();
        let done = match self.0 {
            None => Ok(work.await),
            Some(end) => tokio::time::timeout_at(end, work).await,
        };
        match done {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(_)) => Err(Failure::panicked()),
            Err(_) => Err(Failure::out_of_time()),
        }
    }
}

/// A failure as it leaves the function and as it enters the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) name: ErrorName,
    pub(crate) kind: Kind,
    /// For whoever asked.
    detail: String,
    /// For the log.
    chain: String,
}

impl Failure {
    pub(crate) fn of(error: &impl EdgeError) -> Self {
        Self {
            name: error.name(),
            kind: error.kind(),
            detail: error.detail(),
            chain: chain(error),
        }
    }

    fn plain(name: ErrorName, text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            name,
            kind: name.kind(),
            detail: text.clone(),
            chain: text,
        }
    }

    pub(crate) fn bad_input(text: impl Into<String>) -> Self {
        Self::plain(ErrorName::BadInput, text)
    }

    pub(crate) fn internal(text: impl Into<String>) -> Self {
        Self::plain(ErrorName::Internal, text)
    }

    fn panicked() -> Self {
        Self::internal("panicked")
    }

    fn out_of_time() -> Self {
        Self::plain(ErrorName::Unavailable, "ran out of time")
    }

    /// Writes the failure to the log, with the level that its kind deserves.
    pub(crate) fn log(&self, what: &'static str, duration: Option<Duration>) {
        let duration_ms = duration.map(whole_milliseconds);
        if self.kind == Kind::Fault {
            self.log_error(what, duration_ms);
        } else if self.kind == Kind::Rejected {
            self.log_info(what, duration_ms);
        } else {
            self.log_warning(what, duration_ms);
        }
    }

    fn log_error(&self, what: &'static str, duration_ms: Option<u64>) {
        let (outcome, error) = (self.name.as_str(), self.chain.as_str());
        error!(outcome, error, duration_ms, "{what}");
    }

    fn log_warning(&self, what: &'static str, duration_ms: Option<u64>) {
        let (outcome, error) = (self.name.as_str(), self.chain.as_str());
        warn!(outcome, error, duration_ms, "{what}");
    }

    fn log_info(&self, what: &'static str, duration_ms: Option<u64>) {
        let (outcome, error) = (self.name.as_str(), self.chain.as_str());
        info!(outcome, error, duration_ms, "{what}");
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self {
            error_type: failure.name.as_str().to_owned(),
            error_message: failure.detail,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.chain)
    }
}

/// The one line about an invocation that went well.
pub(crate) fn log_success(duration: Duration) {
    let duration_ms = whole_milliseconds(duration);
    info!(outcome = "ok", duration_ms, "invocation");
}

pub(crate) fn whole_milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The span of an invocation, with what its input says about which order it is for. Its level is
/// that of errors, so that no line is without it, whatever `LOG_LEVEL` says.
pub(crate) fn span(request_id: &str, input: &Value) -> Span {
    let span = error_span!(
        "invocation",
        request_id = Empty,
        "order.id" = Empty,
        "saga.epoch" = Empty,
        step = Empty,
        traceparent = Empty,
    );
    if !request_id.is_empty() {
        span.record("request_id", request_id);
    }
    for (field, name) in [
        ("order.id", "order_id"),
        ("step", "step"),
        ("traceparent", "traceparent"),
        ("traceparent", TRACE),
    ] {
        if let Some(text) = input.get(name).and_then(Value::as_str) {
            span.record(field, text);
        }
    }
    if let Some(epoch) = input.get("epoch").and_then(Value::as_u64) {
        span.record("saga.epoch", epoch);
    }
    span
}

/// Decodes an input. The failure says where, never what: inputs hold personal data.
pub(crate) fn decode<T: DeserializeOwned>(input: Value) -> Result<T, Failure> {
    serde_path_to_error::deserialize(input)
        .map_err(|error| Failure::bad_input(format!("cannot read the input at {}", error.path())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_budget_ends_half_a_second_before_the_deadline() {
        let budget = Budget::before(at(13), at(10));
        assert_eq!(budget, Budget::of(Duration::from_millis(2500)));
    }

    #[test]
    fn a_deadline_that_has_passed_leaves_no_time() {
        assert_eq!(Budget::before(at(9), at(10)), Budget::of(Duration::ZERO));
    }

    #[tokio::test]
    async fn work_that_takes_too_long_is_unavailable() {
        let countdown = Budget::of(Duration::ZERO).start();
        let never = std::future::pending::<()>();
        let failure = countdown.guard(Box::pin(never)).await.unwrap_err();
        assert_eq!(failure.name, ErrorName::Unavailable);
    }

    #[tokio::test]
    async fn a_panic_is_internal() {
        let countdown = Budget::UNLIMITED.start();
        let broken = async { assert!(countdown.0.is_some(), "a made-up invariant") };
        let failure = countdown.guard(Box::pin(broken)).await.unwrap_err();
        assert_eq!(failure.name, ErrorName::Internal);
        assert_eq!(failure.kind, Kind::Fault);
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_place_only() {
        let input = serde_json::json!({"lines": [{"mail": "someone@example.org"}]});
        #[derive(Debug, serde::Deserialize)]
        struct Line {
            #[serde(rename = "mail")]
            _mail: u32,
        }
        #[derive(Debug, serde::Deserialize)]
        struct Input {
            #[serde(rename = "lines")]
            _lines: Vec<Line>,
        }
        let failure = decode::<Input>(input).unwrap_err();
        assert_eq!(failure.detail, "cannot read the input at lines[0].mail");
    }
}
