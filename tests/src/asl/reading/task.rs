//! Reads a Task state with its retriers and catchers.

use std::time::Duration;

use serde_json::Value;

use super::seconds;
use super::state::{result_path, template, then};
use crate::asl::machine::{Catcher, Retrier, Task};
use crate::asl::runner::{ALL, TASK_FAILED, TIMEOUT};
use crate::asl::strict::{Fields, ParseError};

/// The built-in names that may be retried or caught. `States.Runtime` and
/// `States.DataLimitExceeded` are terminal: naming them would only look like a safety net.
const BUILT_IN: [&str; 3] = [ALL, TASK_FAILED, TIMEOUT];

pub(super) fn read(fields: &mut Fields) -> Result<Task, ParseError> {
    let task = Task {
        resource: resource(fields)?,
        timeout: seconds(fields, "TimeoutSeconds")?,
        retry: entries(fields, "Retry", retrier)?,
        catch: entries(fields, "Catch", catcher)?,
        then: then(fields)?,
        parameters: template(fields, "Parameters")?,
        result_selector: template(fields, "ResultSelector")?,
        result_path: result_path(fields)?,
    };
    wildcard_is_last(
        &fields.at("Retry"),
        task.retry.iter().map(|retrier| &retrier.error_equals),
    )?;
    wildcard_is_last(
        &fields.at("Catch"),
        task.catch.iter().map(|catcher| &catcher.error_equals),
    )?;
    Ok(task)
}

/// Callbacks and nested runs mean more than one answer to one call.
fn resource(fields: &mut Fields) -> Result<String, ParseError> {
    let resource = fields.required_string("Resource")?;
    if resource.contains(".waitForTaskToken") || resource.contains(".sync") {
        return Err(ParseError::unsupported(
            fields.at("Resource"),
            format!("integration pattern of {resource:?}"),
        ));
    }
    Ok(resource)
}

fn entries<T>(
    fields: &mut Fields,
    name: &str,
    read: fn(&mut Fields) -> Result<T, ParseError>,
) -> Result<Vec<T>, ParseError> {
    let entry = |(at, value): (String, Value)| {
        let mut fields = Fields::of(&at, value)?;
        fields.skip_comment()?;
        let entry = read(&mut fields)?;
        fields.finish()?;
        Ok(entry)
    };
    fields.list(name)?.into_iter().map(entry).collect()
}

fn retrier(fields: &mut Fields) -> Result<Retrier, ParseError> {
    let retrier = Retrier {
        error_equals: error_equals(fields)?,
        interval: seconds(fields, "IntervalSeconds")?.unwrap_or(Duration::from_secs(1)),
        backoff_rate: backoff_rate(fields)?,
        max_attempts: fields.whole("MaxAttempts", 0)?.unwrap_or(3),
        max_delay: seconds(fields, "MaxDelaySeconds")?,
        full_jitter: full_jitter(fields)?,
    };
    if retrier
        .max_delay
        .is_some_and(|longest| longest <= retrier.interval)
    {
        return Err(ParseError::invalid(
            fields.at("MaxDelaySeconds"),
            "it must be above IntervalSeconds",
        ));
    }
    Ok(retrier)
}

fn backoff_rate(fields: &mut Fields) -> Result<f64, ParseError> {
    let Some(value) = fields.take("BackoffRate") else {
        return Ok(2.0);
    };
    let rate = value.as_f64().filter(|rate| *rate >= 1.0);
    rate.ok_or_else(|| ParseError::invalid(fields.at("BackoffRate"), "a number from 1 is expected"))
}

fn full_jitter(fields: &mut Fields) -> Result<bool, ParseError> {
    match fields.string("JitterStrategy")?.as_deref() {
        None | Some("NONE") => Ok(false),
        Some("FULL") => Ok(true),
        Some(other) => Err(ParseError::invalid(
            fields.at("JitterStrategy"),
            format!("unknown strategy {other:?}"),
        )),
    }
}

fn catcher(fields: &mut Fields) -> Result<Catcher, ParseError> {
    Ok(Catcher {
        error_equals: error_equals(fields)?,
        next: fields.required_string("Next")?,
        result_path: result_path(fields)?,
    })
}

fn error_equals(fields: &mut Fields) -> Result<Vec<String>, ParseError> {
    let at = fields.at("ErrorEquals");
    let names = fields.list("ErrorEquals")?;
    if names.is_empty() {
        return Err(ParseError::invalid(
            at,
            "at least one error name is expected",
        ));
    }
    let names = names
        .into_iter()
        .map(|(at, name)| error_name(&at, name))
        .collect::<Result<Vec<_>, _>>()?;
    if names.len() > 1 && names.iter().any(|name| name == ALL) {
        return Err(ParseError::invalid(at, "States.ALL must stand alone"));
    }
    Ok(names)
}

fn error_name(at: &str, value: Value) -> Result<String, ParseError> {
    match value {
        Value::String(name)
            if name.starts_with("States.") && !BUILT_IN.contains(&name.as_str()) =>
        {
            Err(ParseError::unsupported(at, format!("error name {name}")))
        }
        Value::String(name) if !name.is_empty() => Ok(name),
        _ => Err(ParseError::invalid(at, "an error name is expected")),
    }
}

fn wildcard_is_last<'n>(
    at: &str,
    entries: impl DoubleEndedIterator<Item = &'n Vec<String>>,
) -> Result<(), ParseError> {
    if entries
        .rev()
        .skip(1)
        .any(|names| names.iter().any(|name| name == ALL))
    {
        return Err(ParseError::invalid(at, "States.ALL must come last"));
    }
    Ok(())
}
