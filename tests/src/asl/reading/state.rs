//! Reads one state of any type.

use std::time::Duration;

use serde_json::Value;

use super::task;
use crate::asl::choice::Condition;
use crate::asl::machine::{Choice, DataPath, Fail, Pass, State, StateKind, Then, Wait, WaitLength};
use crate::asl::path::Path;
use crate::asl::result_path::ResultPath;
use crate::asl::strict::{Fields, ParseError};
use crate::asl::template::Template;

pub(super) fn read(mut fields: Fields) -> Result<State, ParseError> {
    fields.skip_comment()?;
    let kind = match fields.required_string("Type")?.as_str() {
        "Task" => StateKind::Task(Box::new(task::read(&mut fields)?)),
        "Choice" => StateKind::Choice(choice(&mut fields)?),
        "Wait" => StateKind::Wait(wait(&mut fields)?),
        "Pass" => StateKind::Pass(pass(&mut fields)?),
        "Succeed" => StateKind::Succeed,
        "Fail" => StateKind::Fail(fail(&mut fields)?),
        other => {
            return Err(ParseError::unsupported(
                fields.at("Type"),
                format!("state type {other:?}"),
            ));
        }
    };
    let (input_path, output_path) = data_paths(&mut fields, &kind)?;
    fields.finish()?;
    Ok(State {
        input_path,
        output_path,
        kind,
    })
}

/// A Fail state has no data to select from; its paths are left over and refused.
fn data_paths(fields: &mut Fields, kind: &StateKind) -> Result<(DataPath, DataPath), ParseError> {
    if matches!(kind, StateKind::Fail(_)) {
        return Ok((DataPath::Whole, DataPath::Whole));
    }
    Ok((
        data_path(fields, "InputPath")?,
        data_path(fields, "OutputPath")?,
    ))
}

fn data_path(fields: &mut Fields, name: &str) -> Result<DataPath, ParseError> {
    let at = fields.at(name);
    match fields.take(name) {
        None => Ok(DataPath::Whole),
        Some(Value::Null) => Ok(DataPath::Nothing),
        Some(Value::String(text)) => Path::parse(&at, &text).map(DataPath::At),
        Some(_) => Err(ParseError::invalid(at, "a path or null is expected")),
    }
}

pub(super) fn then(fields: &mut Fields) -> Result<Then, ParseError> {
    match (fields.string("Next")?, fields.flag("End")?) {
        (Some(next), None) => Ok(Then::Next(next)),
        (None, Some(true)) => Ok(Then::End),
        _ => Err(ParseError::invalid(
            fields.path(),
            "either Next or \"End\": true is expected",
        )),
    }
}

pub(super) fn template(fields: &mut Fields, name: &str) -> Result<Option<Template>, ParseError> {
    let at = fields.at(name);
    fields
        .take(name)
        .map(|value| Template::parse(&at, value))
        .transpose()
}

pub(super) fn result_path(fields: &mut Fields) -> Result<ResultPath, ParseError> {
    ResultPath::parse(&fields.at("ResultPath"), fields.take("ResultPath"))
}

fn choice(fields: &mut Fields) -> Result<Choice, ParseError> {
    let rules = fields.list("Choices")?;
    if rules.is_empty() {
        return Err(ParseError::invalid(
            fields.at("Choices"),
            "at least one rule is expected",
        ));
    }
    let rules = rules
        .into_iter()
        .map(|(at, rule)| choice_rule(&at, rule))
        .collect::<Result<_, _>>()?;
    Ok(Choice {
        rules,
        default: fields.string("Default")?,
    })
}

fn choice_rule(at: &str, value: Value) -> Result<(Condition, String), ParseError> {
    let mut fields = Fields::of(at, value)?;
    fields.skip_comment()?;
    let next = fields.required_string("Next")?;
    let condition = Condition::read(&mut fields)?;
    fields.finish()?;
    Ok((condition, next))
}

fn wait(fields: &mut Fields) -> Result<Wait, ParseError> {
    let at = fields.at("SecondsPath");
    let length = match (fields.whole("Seconds", 0)?, fields.string("SecondsPath")?) {
        (Some(seconds), None) => WaitLength::Fixed(Duration::from_secs(seconds)),
        (None, Some(path)) => WaitLength::SecondsAt(Path::parse(&at, &path)?),
        _ => {
            return Err(ParseError::unsupported(
                fields.path(),
                "a Wait without exactly one of Seconds and SecondsPath",
            ));
        }
    };
    Ok(Wait {
        length,
        then: then(fields)?,
    })
}

fn pass(fields: &mut Fields) -> Result<Pass, ParseError> {
    Ok(Pass {
        parameters: template(fields, "Parameters")?,
        result: fields.take("Result"),
        result_path: result_path(fields)?,
        then: then(fields)?,
    })
}

fn fail(fields: &mut Fields) -> Result<Fail, ParseError> {
    Ok(Fail {
        error: fields.required_string("Error")?,
        cause: fields.string("Cause")?.unwrap_or_default(),
    })
}
