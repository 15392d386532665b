//! The rules of a Choice state.

use serde_json::Value;

use super::path::{Path, Scope};
use super::runner::TaskError;
use super::strict::{Fields, ParseError};

/// A condition of a Choice state.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Compare { variable: Path, test: Test },
}

/// What is asked of the variable. A variable of another type never passes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    StringEquals(String),
    StringEqualsPath(Path),
    NumericEquals(f64),
    NumericGreaterThan(f64),
    NumericGreaterThanEquals(f64),
    NumericLessThan(f64),
    NumericLessThanEquals(f64),
    BooleanEquals(bool),
    IsPresent(bool),
}

impl Condition {
    /// Takes the condition's fields out of `fields` and leaves the others, such as `Next`.
    pub(crate) fn read(fields: &mut Fields) -> Result<Self, ParseError> {
        if fields.has("And") {
            return several(fields, "And").map(Self::And);
        }
        if fields.has("Or") {
            return several(fields, "Or").map(Self::Or);
        }
        if fields.has("Not") {
            let at = fields.at("Not");
            return alone(&at, fields.required("Not")?).map(|inner| Self::Not(Box::new(inner)));
        }
        let at = fields.at("Variable");
        let variable = Path::parse(&at, &fields.required_string("Variable")?)?;
        Ok(Self::Compare {
            variable,
            test: Test::read(fields)?,
        })
    }

    /// Whether it holds. A variable that is not there is `States.Runtime`, except for `IsPresent`;
    /// `And` and `Or` stop at the first answer, so that a presence test can guard what follows.
    pub(crate) fn holds(&self, scope: Scope<'_>) -> Result<bool, TaskError> {
        match self {
            Self::And(parts) => Ok(!any(parts, scope, false)?),
            Self::Or(parts) => any(parts, scope, true),
            Self::Not(inner) => inner.holds(scope).map(|held| !held),
            Self::Compare {
                variable,
                test: Test::IsPresent(wanted),
            } => Ok(variable.find(scope).is_some() == *wanted),
            Self::Compare { variable, test } => test.passes(variable.get(scope)?, scope),
        }
    }
}

fn any(parts: &[Condition], scope: Scope<'_>, answer: bool) -> Result<bool, TaskError> {
    for part in parts {
        if part.holds(scope)? == answer {
            return Ok(true);
        }
    }
    Ok(false)
}

fn several(fields: &mut Fields, name: &str) -> Result<Vec<Condition>, ParseError> {
    let at = fields.at(name);
    let parts = fields.list(name)?;
    if parts.is_empty() {
        return Err(ParseError::invalid(at, "at least one rule is expected"));
    }
    parts
        .into_iter()
        .map(|(at, part)| alone(&at, part))
        .collect()
}

fn alone(at: &str, value: Value) -> Result<Condition, ParseError> {
    let mut fields = Fields::of(at, value)?;
    fields.skip_comment()?;
    let condition = Condition::read(&mut fields)?;
    fields.finish()?;
    Ok(condition)
}

const TESTS: [&str; 9] = [
    "StringEquals",
    "StringEqualsPath",
    "NumericEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "BooleanEquals",
    "IsPresent",
];

impl Test {
    /// Exactly one test; a second one is left over and refused with the unknown fields.
    fn read(fields: &mut Fields) -> Result<Self, ParseError> {
        let Some(name) = TESTS.into_iter().find(|name| fields.has(name)) else {
            return Err(ParseError::unsupported(
                fields.path(),
                "a rule without a known comparison",
            ));
        };
        let at = fields.at(name);
        let operand = fields.required(name)?;
        let wrong = || ParseError::invalid(at.as_str(), "the operand has the wrong type");
        let text = || operand.as_str().ok_or_else(wrong);
        let number = || operand.as_f64().ok_or_else(wrong);
        let flag = || operand.as_bool().ok_or_else(wrong);
        Ok(match name {
            "StringEquals" => Self::StringEquals(text()?.to_owned()),
            "StringEqualsPath" => Self::StringEqualsPath(Path::parse(&at, text()?)?),
            "NumericEquals" => Self::NumericEquals(number()?),
            "NumericGreaterThan" => Self::NumericGreaterThan(number()?),
            "NumericGreaterThanEquals" => Self::NumericGreaterThanEquals(number()?),
            "NumericLessThan" => Self::NumericLessThan(number()?),
            "NumericLessThanEquals" => Self::NumericLessThanEquals(number()?),
            "BooleanEquals" => Self::BooleanEquals(flag()?),
            _ => Self::IsPresent(flag()?),
        })
    }

    fn passes(&self, value: &Value, scope: Scope<'_>) -> Result<bool, TaskError> {
        let number = |test: fn(&f64, &f64) -> bool, operand: &f64| {
            value.as_f64().is_some_and(|n| test(&n, operand))
        };
        Ok(match self {
            Self::StringEquals(text) => value.as_str() == Some(text),
            Self::StringEqualsPath(path) => value.is_string() && value == path.get(scope)?,
            Self::NumericEquals(operand) => number(f64::eq, operand),
            Self::NumericGreaterThan(operand) => number(f64::gt, operand),
            Self::NumericGreaterThanEquals(operand) => number(f64::ge, operand),
            Self::NumericLessThan(operand) => number(f64::lt, operand),
            Self::NumericLessThanEquals(operand) => number(f64::le, operand),
            Self::BooleanEquals(flag) => value.as_bool() == Some(*flag),
            Self::IsPresent(wanted) => *wanted,
        })
    }
}
