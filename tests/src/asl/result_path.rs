//! Where the result of a state, or a caught error, goes in the data that the state was given.

use serde_json::{Map, Value};

use super::path::Path;
use super::runner::TaskError;
use super::strict::ParseError;

/// A `ResultPath`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ResultPath {
    /// `null`: the result is dropped, the data stays.
    Discard,
    /// `$`, also without the field: the result replaces the data.
    Replace,
    /// `$.a.b`: the result becomes this field of the data.
    Field { parents: Vec<String>, last: String },
}

impl ResultPath {
    pub(crate) fn parse(at: &str, value: Option<Value>) -> Result<Self, ParseError> {
        let text = match value {
            None => return Ok(Self::Replace),
            Some(Value::Null) => return Ok(Self::Discard),
            Some(Value::String(text)) => text,
            Some(_) => return Err(ParseError::invalid(at, "a path or null is expected")),
        };
        let names = Path::parse(at, &text)?.names();
        let mut parents =
            names.ok_or_else(|| ParseError::unsupported(at, format!("result path {text:?}")))?;
        Ok(match parents.pop() {
            None => Self::Replace,
            Some(last) => Self::Field { parents, last },
        })
    }

    /// The data with the result in its place. Objects on the way are made where there are none;
    /// anything but an object on the way is `States.ResultPathMatchFailure`.
    pub(crate) fn place(&self, data: &Value, result: Value) -> Result<Value, TaskError> {
        let (parents, last) = match self {
            Self::Discard => return Ok(data.clone()),
            Self::Replace => return Ok(result),
            Self::Field { parents, last } => (parents, last),
        };
        let mut whole = data.clone();
        let mut parent = object(&mut whole)?;
        for name in parents {
            let child = parent
                .entry(name.as_str())
                .or_insert_with(|| Value::Object(Map::new()));
            parent = object(child)?;
        }
        parent.insert(last.clone(), result);
        Ok(whole)
    }
}

fn object(value: &mut Value) -> Result<&mut Map<String, Value>, TaskError> {
    let mismatch = || {
        TaskError::new(
            "States.ResultPathMatchFailure",
            "the result path meets a value that is no object",
        )
    };
    value.as_object_mut().ok_or_else(mismatch)
}
