//! Paths into a state's data (`$.lines[0].sku`) and into the context object
//! (`$$.Execution.Name`). Filters, wildcards, slices and bracketed names are refused.

use serde_json::Value;

use super::runner::TaskError;
use super::strict::ParseError;

/// What paths are looked up in: a state's data and the execution's context object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'v> {
    pub(crate) data: &'v Value,
    pub(crate) context: &'v Value,
}

impl<'v> Scope<'v> {
    pub(crate) fn with(self, data: &'v Value) -> Self {
        Self { data, ..self }
    }
}

/// A parsed path.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Path {
    text: String,
    in_context: bool,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Field(String),
    Item(usize),
}

/// The parts of the context object that the interpreter fills in.
const CONTEXT: [&str; 4] = [
    "Execution.Id",
    "Execution.Input",
    "Execution.Name",
    "State.Name",
];

impl Path {
    pub(crate) fn parse(at: &str, text: &str) -> Result<Self, ParseError> {
        let (in_context, rest) = match text.strip_prefix("$$") {
            Some(rest) => (true, rest),
            None => (
                false,
                text.strip_prefix('$').ok_or_else(|| not_a_path(at, text))?,
            ),
        };
        let steps = steps(rest).ok_or_else(|| not_a_path(at, text))?;
        if in_context && !is_known_context(&steps) {
            return Err(ParseError::unsupported(
                at,
                format!("context object path {text}"),
            ));
        }
        Ok(Self {
            text: text.to_owned(),
            in_context,
            steps,
        })
    }

    /// The names along a path that has names only, from the root of the data.
    pub(crate) fn names(self) -> Option<Vec<String>> {
        let name = |step| match step {
            Step::Field(name) => Some(name),
            Step::Item(_) => None,
        };
        if self.in_context {
            None
        } else {
            self.steps.into_iter().map(name).collect()
        }
    }

    pub(crate) fn find<'v>(&self, scope: Scope<'v>) -> Option<&'v Value> {
        let root = if self.in_context {
            scope.context
        } else {
            scope.data
        };
        self.steps.iter().try_fold(root, |value, step| match step {
            Step::Field(name) => value.as_object()?.get(name),
            Step::Item(n) => value.as_array()?.get(*n),
        })
    }

    /// Like [`Path::find`]; a path that leads nowhere is `States.Runtime`. The specification says
    /// `States.ParameterPathFailure` for `Parameters`, but AWS and Step Functions Local answer
    /// `States.Runtime`, which no catcher catches.
    pub(crate) fn get<'v>(&self, scope: Scope<'v>) -> Result<&'v Value, TaskError> {
        self.find(scope).ok_or_else(|| {
            TaskError::runtime(format!(
                "the path {} could not be found in the input",
                self.text
            ))
        })
    }
}

fn not_a_path(at: &str, text: &str) -> ParseError {
    ParseError::unsupported(at, format!("path {text:?}"))
}

fn steps(mut rest: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (step, left) = if let Some(item) = rest.strip_prefix('[') {
            let (number, left) = item.split_once(']')?;
            (Step::Item(number.parse().ok()?), left)
        } else {
            let (name, left) = name(rest.strip_prefix('.')?)?;
            (Step::Field(name.to_owned()), left)
        };
        steps.push(step);
        rest = left;
    }
    Some(steps)
}

fn name(text: &str) -> Option<(&str, &str)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    if end == 0 {
        None
    } else {
        text.split_at_checked(end)
    }
}

fn is_known_context(steps: &[Step]) -> bool {
    let [Step::Field(part), Step::Field(field), deeper @ ..] = steps else {
        return false;
    };
    let known = CONTEXT.contains(&format!("{part}.{field}").as_str());
    known && (deeper.is_empty() || field == "Input")
}
