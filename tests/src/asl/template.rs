//! Payload templates: JSON in which a field called `name.$` is filled from a path or an intrinsic
//! function (`Parameters`, `ResultSelector`).

use serde_json::{Map, Value};

use super::intrinsic::Intrinsic;
use super::path::{Path, Scope};
use super::runner::TaskError;
use super::strict::{ParseError, numbered};

/// A parsed payload template.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Template {
    Literal(Value),
    Path(Path),
    Call(Intrinsic),
    List(Vec<Template>),
    Object(Vec<(String, Template)>),
}

impl Template {
    /// Reads a whole template, which is an object.
    pub(crate) fn parse(at: &str, value: Value) -> Result<Self, ParseError> {
        if value.is_object() {
            part(at, value)
        } else {
            Err(ParseError::unsupported(at, "a template that is no object"))
        }
    }

    pub(crate) fn fill(&self, scope: Scope<'_>) -> Result<Value, TaskError> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Path(path) => path.get(scope).cloned(),
            Self::Call(call) => call.evaluate(scope),
            Self::List(items) => items.iter().map(|item| item.fill(scope)).collect(),
            Self::Object(fields) => {
                let filled = fields
                    .iter()
                    .map(|(name, field)| Ok((name.clone(), field.fill(scope)?)));
                filled.collect::<Result<Map<_, _>, _>>().map(Value::Object)
            }
        }
    }
}

fn part(at: &str, value: Value) -> Result<Template, ParseError> {
    match value {
        Value::Object(fields) => object(at, fields),
        Value::Array(items) => {
            let parts = numbered(at, items)
                .into_iter()
                .map(|(at, item)| part(&at, item));
            parts.collect::<Result<_, _>>().map(Template::List)
        }
        Value::String(text) if looks_computed(&text) => Err(ParseError::unsupported(
            at,
            format!("{text:?} as plain text; the field's name must end in .$"),
        )),
        plain => Ok(Template::Literal(plain)),
    }
}

fn object(at: &str, fields: Map<String, Value>) -> Result<Template, ParseError> {
    let mut parts: Vec<(String, Template)> = Vec::new();
    for (name, value) in fields {
        let at = format!("{at}.{name}");
        let (name, part) = match name.strip_suffix(".$") {
            Some(name) => (name.to_owned(), computed(&at, value)?),
            None => (name, part(&at, value)?),
        };
        if parts.iter().any(|(other, _)| *other == name) {
            return Err(ParseError::invalid(
                at,
                "the field is there with and without .$",
            ));
        }
        parts.push((name, part));
    }
    Ok(Template::Object(parts))
}

fn computed(at: &str, value: Value) -> Result<Template, ParseError> {
    match value {
        Value::String(text) if text.starts_with('$') => Path::parse(at, &text).map(Template::Path),
        Value::String(text) => Intrinsic::parse(at, &text).map(Template::Call),
        _ => Err(ParseError::invalid(
            at,
            "a path or an intrinsic function is expected",
        )),
    }
}

/// AWS would pass such a text on as it is; that is a forgotten `.$` far more often than a wish.
fn looks_computed(text: &str) -> bool {
    text == "$" || text.starts_with("$.") || text.starts_with("$$.") || text.starts_with("States.")
}
