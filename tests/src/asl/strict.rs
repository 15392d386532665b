//! Reads JSON objects field by field and refuses what nobody asked for: a misspelt or unsupported
//! field must stop the parse, because AWS would act on it and the interpreter would not.

use serde_json::{Map, Value};
use thiserror::Error;

/// Why a state machine was refused. `path` is the place in the file, such as
/// `States.Reserve.Retry[0]`.
#[derive(Debug, Error)]
pub enum ParseError {
    /// Not JSON, or an object with the same key twice.
    #[error("the state machine is not valid JSON")]
    Json(#[source] serde_json::Error),
    /// Possibly fine on AWS, but outside the subset that is interpreted.
    #[error("unsupported at {path}: {what}")]
    Unsupported { path: String, what: String },
    /// Wrong on AWS too: a missing or malformed field, or a target that does not exist.
    #[error("invalid at {path}: {what}")]
    Invalid { path: String, what: String },
}

impl ParseError {
    pub(crate) fn unsupported(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Unsupported {
            path: path.into(),
            what: what.into(),
        }
    }

    pub(crate) fn invalid(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Invalid {
            path: path.into(),
            what: what.into(),
        }
    }
}

/// One JSON object whose fields are taken one by one; [`Fields::finish`] refuses the rest.
#[derive(Debug)]
pub(crate) struct Fields {
    path: String,
    left: Map<String, Value>,
}

impl Fields {
    pub(crate) fn of(path: &str, value: Value) -> Result<Self, ParseError> {
        match value {
            Value::Object(left) => Ok(Self {
                path: path.to_owned(),
                left,
            }),
            _ => Err(ParseError::invalid(path, "an object is expected")),
        }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn at(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.left.contains_key(name)
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.left.remove(name)
    }

    pub(crate) fn required(&mut self, name: &str) -> Result<Value, ParseError> {
        self.take(name)
            .ok_or_else(|| ParseError::invalid(self.at(name), "the field is missing"))
    }

    /// The fields not taken yet, in the order of the file.
    pub(crate) fn rest(self) -> Map<String, Value> {
        self.left
    }

    pub(crate) fn string(&mut self, name: &str) -> Result<Option<String>, ParseError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(ParseError::invalid(self.at(name), "a string is expected")),
        }
    }

    pub(crate) fn required_string(&mut self, name: &str) -> Result<String, ParseError> {
        let found = self.string(name)?;
        found.ok_or_else(|| ParseError::invalid(self.at(name), "the field is missing"))
    }

    pub(crate) fn flag(&mut self, name: &str) -> Result<Option<bool>, ParseError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(ParseError::invalid(
                self.at(name),
                "true or false is expected",
            )),
        }
    }

    /// A whole number of at least `least` and at most 99,999,999, the largest AWS takes.
    pub(crate) fn whole(&mut self, name: &str, least: u64) -> Result<Option<u64>, ParseError> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        match value.as_u64() {
            Some(number) if (least..=99_999_999).contains(&number) => Ok(Some(number)),
            _ => Err(ParseError::invalid(
                self.at(name),
                format!("a whole number from {least} is expected"),
            )),
        }
    }

    /// The items of a list, each with its own path; a missing list is empty.
    pub(crate) fn list(&mut self, name: &str) -> Result<Vec<(String, Value)>, ParseError> {
        let path = self.at(name);
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => Ok(numbered(&path, items)),
            Some(_) => Err(ParseError::invalid(path, "a list is expected")),
        }
    }

    /// Comments are allowed wherever AWS allows them, and mean nothing.
    pub(crate) fn skip_comment(&mut self) -> Result<(), ParseError> {
        self.string("Comment").map(|_| ())
    }

    /// Refuses whatever was not taken.
    pub(crate) fn finish(self) -> Result<(), ParseError> {
        let mut names: Vec<&str> = self.left.keys().map(String::as_str).collect();
        if names.is_empty() {
            return Ok(());
        }
        names.sort_unstable();
        Err(ParseError::unsupported(
            self.path.as_str(),
            format!("field {}", names.join(", ")),
        ))
    }
}

pub(crate) fn numbered(path: &str, items: Vec<Value>) -> Vec<(String, Value)> {
    items
        .into_iter()
        .enumerate()
        .map(|(n, item)| (format!("{path}[{n}]"), item))
        .collect()
}
