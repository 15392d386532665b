//! The log: one JSON object per line on standard output, flat, so that a query names its fields
//! directly. Fields of the spans around an event are part of its line. Every invocation writes
//! one line of its own (see `invocation`), more only when something is wrong.

use std::fmt;
use std::panic::PanicHookInfo;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::{JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;

use crate::{Clock, Env, Error};

/// Starts the log of this process at the level of `LOG_LEVEL` (default `info`; directives such
/// as `info,hyper=debug` work too).
pub(crate) fn start(function: &'static str, env: &Env) -> Result<(), Error> {
    let mut read = env.reader();
    let filter = read.parsed_or("LOG_LEVEL", Targets::new().with_default(Level::INFO));
    let filter = read.finish(|| filter)?;
    // The runtime logs what we return to it; we have logged that already, with its causes.
    let filter = filter.with_target("lambda_runtime::layers::panic", LevelFilter::OFF);
    let log = subscriber(function, filter, std::io::stdout);
    tracing::subscriber::set_global_default(log)?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

fn subscriber<W>(function: &'static str, filter: Targets, writer: W) -> impl Subscriber
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer()
        .fmt_fields(JsonFields::new())
        .event_format(FlatJson { function })
        .with_writer(writer);
    tracing_subscriber::registry().with(filter).with(lines)
}

/// A panic is logged where it starts, because whoever catches it no longer knows where that was.
/// Its message is ours (an assertion's sentence), so it may be in the log.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let at = panic.location().map(ToString::to_string);
    let text = panic.payload_as_str();
    tracing::error!(at, panic = text, "panicked");
}

struct FlatJson {
    function: &'static str,
}

impl<S, N> FormatEvent<S, N> for FlatJson
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = Map::new();
        let now = Clock::system().now();
        line.insert("time".into(), Value::String(milliseconds(now)));
        let level = event.metadata().level().as_str();
        line.insert("level".into(), level.into());
        line.insert("function".into(), self.function.into());
        for span in context
            .event_scope()
            .into_iter()
            .flat_map(|s| s.from_root())
        {
            if let Some(fields) = span.extensions().get::<FormattedFields<N>>()
                && let Ok(Value::Object(fields)) = serde_json::from_str(&fields.fields)
            {
                line.extend(fields);
            }
        }
        event.record(&mut Fields(&mut line));
        writeln!(writer, "{}", Value::Object(line))
    }
}

fn milliseconds(at: Timestamp) -> String {
    format!("{at:.3}")
}

struct Fields<'line>(&'line mut Map<String, Value>);

impl Fields<'_> {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields<'_> {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }
}

#[cfg(test)]
pub(crate) mod tests;
