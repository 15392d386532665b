//! Spans for OpenTelemetry, when `OTEL_EXPORTER_OTLP_ENDPOINT` names a collector: one for each
//! request, step, message and record, in the trace of the HTTP request that caused it. Sent as OTLP
//! over HTTP in JSON (<https://opentelemetry.io/docs/specs/otlp/#otlphttp>) at the end of each
//! invocation, because after it the instance is frozen; within a fifth of a second, else they
//! are lost, and those of the next five seconds with them.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use https::{Limits, Pool, Roots};
use hyper::Request;
use hyper::header::CONTENT_TYPE;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;
use tracing::warn;

use crate::clock::new_id;
use crate::{Clock, Env, Error};

/// How long sending may take, all together: less than is kept back of an invocation's time to answer
/// in, which comes after it.
const PATIENCE: Duration = Duration::from_millis(200);
/// How long a collector that did not take spans is left alone.
const LEFT_ALONE: Duration = Duration::from_secs(5);
/// How long a connection waits for its next use.
const IDLE: Duration = Duration::from_secs(15);

static EXPORTER: OnceLock<Exporter> = OnceLock::new();

/// What a span is of, by the numbers of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A request of a client.
    Server = 2,
    /// A step, a message or a record that something else caused.
    Consumer = 5,
}

/// Something that was begun.
#[derive(Clone, Debug)]
pub(crate) struct Begun {
    kind: Kind,
    at: Timestamp,
}

struct Exporter {
    function: &'static str,
    address: String,
    pool: Pool<String>,
    ended: Mutex<Vec<Value>>,
    alone_until: Mutex<Option<Instant>>,
}

/// Sends spans from now on, if the environment says where to.
pub(crate) fn start(function: &'static str, env: &Env, roots: &Roots) -> Result<(), Error> {
    let Some(endpoint) = env.reader().optional("OTEL_EXPORTER_OTLP_ENDPOINT") else {
        return Ok(());
    };
    let limits = Limits {
        connect: PATIENCE,
        idle: IDLE,
    };
    let exporter = Exporter {
        function,
        address: format!("{}/v1/traces", endpoint.trim_end_matches('/')),
        pool: https::pool(roots, limits)?,
        ended: Mutex::default(),
        alone_until: Mutex::default(),
    };
    // A process starts once; a second exporter would be the same.
    EXPORTER.get_or_init(|| exporter);
    Ok(())
}

/// Begins a span. Nothing without an exporter.
pub(crate) fn begin(kind: Kind) -> Option<Begun> {
    EXPORTER.get()?;
    let at = Clock::system().now();
    Some(Begun { kind, at })
}

impl Begun {
    /// Ends a span below the one that `traceparent` names; `None` is no trace, and no span.
    pub(crate) fn end(self, name: &str, traceparent: Option<&str>, failed: bool) {
        let Some((trace, parent)) = traceparent.and_then(ids) else {
            return;
        };
        // The low half of a UUID is never zero: its highest bit is always set.
        let (_, own) = new_id().as_u64_pair();
        self.note(name, (trace, &format!("{own:016x}"), Some(parent)), failed);
    }

    /// Ends the span that `traceparent` itself names, below the one that `caller` names.
    pub(crate) fn end_own(self, name: &str, traceparent: &str, caller: Option<&str>, failed: bool) {
        let Some((trace, own)) = ids(traceparent) else {
            return;
        };
        let parent = caller.and_then(ids).filter(|(theirs, _)| *theirs == trace);
        self.note(name, (trace, own, parent.map(|(_, span)| span)), failed);
    }

    fn note(self, name: &str, (trace, own, parent): (&str, &str, Option<&str>), failed: bool) {
        let Some(exporter) = EXPORTER.get() else {
            return;
        };
        let span = json!({
            "traceId": trace,
            "spanId": own,
            "parentSpanId": parent.unwrap_or_default(),
            "name": name,
            "kind": self.kind as u8,
            "startTimeUnixNano": self.at.as_nanosecond().to_string(),
            "endTimeUnixNano": Clock::system().now().as_nanosecond().to_string(),
            "status": {"code": if failed { 2 } else { 0 }},
        });
        locked(&exporter.ended).push(span);
    }
}

/// Trace and span of a `traceparent`.
fn ids(traceparent: &str) -> Option<(&str, &str)> {
    let mut fields = traceparent.split('-').skip(1);
    let (trace, span) = (fields.next()?, fields.next()?);
    (trace.len() == 32 && span.len() == 16).then_some((trace, span))
}

/// Sends what has ended.
pub(crate) async fn flush() {
    let Some(exporter) = EXPORTER.get() else {
        return;
    };
    let ended = std::mem::take(&mut *locked(&exporter.ended));
    let alone = locked(&exporter.alone_until).is_some_and(|until| Instant::now() < until);
    if ended.is_empty() || alone {
        return;
    }
    let sent = tokio::time::timeout(PATIENCE, exporter.send(ended)).await;
    let error = match sent {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer in time".to_owned(),
    };
    *locked(&exporter.alone_until) = Instant::now().checked_add(LEFT_ALONE);
    warn!(error, "spans are lost");
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Exporter {
    async fn send(&self, spans: Vec<Value>) -> Result<(), Error> {
        let body = json!({"resourceSpans": [{
            "resource": {"attributes": [
                {"key": "service.name", "value": {"stringValue": self.function}},
            ]},
            "scopeSpans": [{"scope": {"name": "cartwright"}, "spans": spans}],
        }]});
        let request = Request::post(&self.address)
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string())?;
        let answer = self.pool.request(request).await?;
        match answer.status().is_success() {
            true => Ok(()),
            false => Err(Error::boxed(answer.status().to_string().into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_has_a_trace_and_a_span() {
        let trace = "0af7651916cd43dd8448eb211c80319c";
        let whole = format!("00-{trace}-b7ad6b7169203331-01");
        assert_eq!(ids(&whole), Some((trace, "b7ad6b7169203331")));
        for bad in ["", "00-1-2-01", trace] {
            assert_eq!(ids(bad), None, "{bad}");
        }
    }

    #[test]
    fn nothing_is_begun_where_nobody_listens() {
        assert!(begin(Kind::Server).is_none());
    }
}
