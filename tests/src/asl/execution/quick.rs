//! The states that call nobody: Choice, Wait, Pass, Succeed. Their errors end the execution.

use std::time::Duration;

use serde_json::Value;

use super::turn::Move;
use super::{Status, limits};
use crate::asl::machine::{Choice, DataPath, Pass, State, Then, Wait, WaitLength};
use crate::asl::path::{Path, Scope};
use crate::asl::runner::TaskError;
use crate::asl::template::Template;

type Quick = Result<(Duration, Move), TaskError>;

pub(super) fn choice(state: &State, choice: &Choice, scope: Scope<'_>) -> Quick {
    let data = input(state, scope)?;
    let next = target(choice, scope.with(&data))?;
    at_once(Move::To(next, output(state, scope, data)?))
}

fn target(choice: &Choice, scope: Scope<'_>) -> Result<String, TaskError> {
    for (condition, next) in &choice.rules {
        if condition.holds(scope)? {
            return Ok(next.clone());
        }
    }
    let no_match = || {
        TaskError::new(
            "States.NoChoiceMatched",
            "no rule holds and there is no default",
        )
    };
    choice.default.clone().ok_or_else(no_match)
}

pub(super) fn wait(state: &State, wait: &Wait, scope: Scope<'_>) -> Quick {
    let data = input(state, scope)?;
    let length = match &wait.length {
        WaitLength::Fixed(length) => *length,
        WaitLength::SecondsAt(path) => seconds(path, scope.with(&data))?,
    };
    Ok((length, go(&wait.then, output(state, scope, data)?)))
}

fn seconds(path: &Path, scope: Scope<'_>) -> Result<Duration, TaskError> {
    let seconds = path
        .get(scope)?
        .as_u64()
        .filter(|seconds| *seconds <= 99_999_999);
    let wrong =
        || TaskError::runtime("SecondsPath must lead to a whole number that is not negative");
    seconds.map(Duration::from_secs).ok_or_else(wrong)
}

pub(super) fn pass(state: &State, pass: &Pass, scope: Scope<'_>) -> Quick {
    let data = payload(state, pass.parameters.as_ref(), scope)?;
    let result = pass.result.clone().unwrap_or(data);
    let whole = pass.result_path.place(scope.data, result)?;
    at_once(go(&pass.then, output(state, scope, whole)?))
}

pub(super) fn succeed(state: &State, scope: Scope<'_>) -> Quick {
    let data = input(state, scope)?;
    at_once(go(&Then::End, output(state, scope, data)?))
}

fn at_once(then: Move) -> Quick {
    Ok((Duration::ZERO, then))
}

pub(super) fn go(then: &Then, data: Value) -> Move {
    match then {
        Then::Next(state) => Move::To(state.clone(), data),
        Then::End => Move::End(Status::Succeeded(data)),
    }
}

/// What a state works on: its data after `InputPath` and `Parameters`.
pub(super) fn payload(
    state: &State,
    parameters: Option<&Template>,
    scope: Scope<'_>,
) -> Result<Value, TaskError> {
    let data = input(state, scope)?;
    let filled = match parameters {
        Some(template) => template.fill(scope.with(&data))?,
        None => data,
    };
    limits::payload(&filled).map(|()| filled)
}

fn input(state: &State, scope: Scope<'_>) -> Result<Value, TaskError> {
    select(&state.input_path, scope)
}

/// What a state hands on: `OutputPath` of the data with the result in its place.
pub(super) fn output(state: &State, scope: Scope<'_>, whole: Value) -> Result<Value, TaskError> {
    let selected = select(&state.output_path, scope.with(&whole))?;
    limits::payload(&selected).map(|()| selected)
}

fn select(path: &DataPath, scope: Scope<'_>) -> Result<Value, TaskError> {
    match path {
        DataPath::Whole => Ok(scope.data.clone()),
        DataPath::Nothing => Ok(Value::Object(serde_json::Map::new())),
        DataPath::At(path) => path.get(scope).cloned(),
    }
}
