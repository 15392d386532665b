//! The two intrinsic functions we use: `States.Format` and `States.MathAdd`.

mod reading;

use serde_json::Value;

use super::path::{Path, Scope};
use super::runner::TaskError;
use super::strict::ParseError;

/// A call of an intrinsic function.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Intrinsic {
    /// The text before the first argument, then each argument with the text after it.
    Format {
        first: String,
        rest: Vec<(Argument, String)>,
    },
    /// Adds two 32-bit whole numbers.
    MathAdd(Box<[Argument; 2]>),
}

/// What may stand between the brackets.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Argument {
    Text(String),
    Number(i64),
    Path(Path),
    Call(Intrinsic),
}

impl Intrinsic {
    pub(crate) fn parse(at: &str, text: &str) -> Result<Self, ParseError> {
        let unsupported = || ParseError::unsupported(at, format!("intrinsic function {text:?}"));
        reading::call(at, text)?.ok_or_else(unsupported)
    }

    pub(crate) fn evaluate(&self, scope: Scope<'_>) -> Result<Value, TaskError> {
        match self {
            Self::Format { first, rest } => format(first, rest, scope).map(Value::String),
            Self::MathAdd(terms) => {
                let [left, right] = terms.as_ref();
                add(&left.evaluate(scope)?, &right.evaluate(scope)?)
            }
        }
    }
}

impl Argument {
    fn evaluate(&self, scope: Scope<'_>) -> Result<Value, TaskError> {
        match self {
            Self::Text(text) => Ok(text.as_str().into()),
            Self::Number(number) => Ok((*number).into()),
            Self::Path(path) => path.get(scope).cloned(),
            Self::Call(call) => call.evaluate(scope),
        }
    }
}

fn format(first: &str, rest: &[(Argument, String)], scope: Scope<'_>) -> Result<String, TaskError> {
    let mut text = first.to_owned();
    for (argument, after) in rest {
        text.push_str(&printed(argument.evaluate(scope)?)?);
        text.push_str(after);
    }
    Ok(text)
}

fn printed(value: Value) -> Result<String, TaskError> {
    match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(failure("States.Format takes strings, numbers and booleans"))
        }
    }
}

fn add(left: &Value, right: &Value) -> Result<Value, TaskError> {
    let sum = left
        .as_i64()
        .zip(right.as_i64())
        .and_then(|(l, r)| l.checked_add(r));
    match sum.and_then(|sum| i32::try_from(sum).ok()) {
        Some(sum) => Ok(sum.into()),
        None => Err(failure(
            "States.MathAdd takes whole numbers with a sum of at most 32 bits",
        )),
    }
}

fn failure(cause: &str) -> TaskError {
    TaskError::new("States.IntrinsicFailure", cause)
}
