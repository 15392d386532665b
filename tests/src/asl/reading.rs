//! Turns the JSON of a state machine into a [`Machine`], refusing what is not supported.

mod state;
mod task;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::json;
use super::machine::{Machine, State};
use super::strict::{Fields, ParseError};

/// The longest state name AWS takes.
const LONGEST_NAME: usize = 80;

pub(crate) fn machine(text: &str) -> Result<Machine, ParseError> {
    let mut fields = Fields::of("", json::parse(text).map_err(ParseError::Json)?)?;
    fields.skip_comment()?;
    let machine = Machine {
        start_at: fields.required_string("StartAt")?,
        timeout: seconds(&mut fields, "TimeoutSeconds")?,
        states: states(fields.required("States")?)?,
    };
    fields.finish()?;
    check_targets(&machine)?;
    Ok(machine)
}

/// A positive number of seconds.
fn seconds(fields: &mut Fields, name: &str) -> Result<Option<Duration>, ParseError> {
    Ok(fields.whole(name, 1)?.map(Duration::from_secs))
}

fn states(value: Value) -> Result<BTreeMap<String, State>, ParseError> {
    let mut states = BTreeMap::new();
    for (name, value) in Fields::of("States", value)?.rest() {
        let path = format!("States.{name}");
        if name.is_empty() || name.chars().count() > LONGEST_NAME {
            return Err(ParseError::invalid(
                path,
                format!("a name has 1 to {LONGEST_NAME} characters"),
            ));
        }
        let state = state::read(Fields::of(&path, value)?)?;
        states.insert(name, state);
    }
    Ok(states)
}

fn check_targets(machine: &Machine) -> Result<(), ParseError> {
    exists(machine, "StartAt", &machine.start_at)?;
    for name in machine.states.keys() {
        for next in machine.successors(name) {
            exists(machine, &format!("States.{name}"), next)?;
        }
    }
    Ok(())
}

fn exists(machine: &Machine, path: &str, target: &str) -> Result<(), ParseError> {
    if machine.states.contains_key(target) {
        return Ok(());
    }
    Err(ParseError::invalid(
        path,
        format!("there is no state {target:?}"),
    ))
}
