//! Tests of the interpreter, with machines written inline and tasks that answer by script.

mod catching;
mod choosing;
mod interleaving;
mod listing;
mod parsing;
mod properties;
mod refusing_expressions;
mod refusing_states;
mod retrying;
mod shaping;
mod timing;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Ended, Execution, Machine, Outcome, ParseError, Status, TaskCall, TaskError, TaskRunner,
    VirtualClock,
};

/// Answers calls in the order of its script, then with an empty object, and notes every call.
#[derive(Debug, Default)]
struct Script {
    answers: Mutex<VecDeque<Outcome>>,
    calls: Mutex<Vec<Noted>>,
}

#[derive(Debug, Clone, PartialEq)]
struct Noted {
    execution: String,
    state: String,
    resource: String,
    input: Value,
    attempt: u32,
    second: i64,
}

impl Script {
    fn of(answers: impl IntoIterator<Item = Outcome>) -> Self {
        Self {
            answers: Mutex::new(answers.into_iter().collect()),
            ..Self::default()
        }
    }

    fn calls(&self) -> Vec<Noted> {
        self.calls.lock().unwrap().clone()
    }

    fn inputs(&self) -> Vec<Value> {
        self.calls().into_iter().map(|call| call.input).collect()
    }

    fn seconds(&self) -> Vec<i64> {
        self.calls().into_iter().map(|call| call.second).collect()
    }
}

impl TaskRunner for Script {
    async fn run(&self, call: TaskCall<'_>) -> Outcome {
        self.calls.lock().unwrap().push(Noted {
            execution: call.execution.to_owned(),
            state: call.state.to_owned(),
            resource: call.resource.to_owned(),
            input: call.input,
            attempt: call.attempt,
            second: call.at.as_second(),
        });
        self.answers
            .lock()
            .unwrap()
            .pop_front()
            .unwrap_or_else(|| ok(json!({})))
    }
}

fn ok(value: Value) -> Outcome {
    Outcome::at_once(Ok(value))
}

fn err(name: &str) -> Outcome {
    Outcome::at_once(Err(TaskError::lambda(name, "no luck")))
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn second(n: i64) -> Timestamp {
    Timestamp::from_second(n).unwrap()
}

/// The text of a machine that starts at `A`, with more fields beside its states.
fn text(states: &Value, more: Value) -> String {
    let mut machine = json!({ "StartAt": "A", "States": states });
    machine
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    machine.to_string()
}

fn machine(states: &Value) -> Arc<Machine> {
    Arc::new(Machine::parse(&text(states, json!({}))).unwrap())
}

/// A machine with the one task `A`, with more fields or other values in it.
fn one_task(more: Value) -> Value {
    let mut task = json!({ "Type": "Task", "Resource": "${Task}", "End": true });
    task.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    json!({ "A": task })
}

fn refusal(states: &Value) -> ParseError {
    Machine::parse(&text(states, json!({}))).unwrap_err()
}

async fn run(states: &Value, input: Value, script: &Script) -> Ended {
    run_machine(&machine(states), input, script).await
}

async fn run_machine(machine: &Arc<Machine>, input: Value, script: &Script) -> Ended {
    Execution::run(
        machine,
        "x-1",
        input,
        script,
        &VirtualClock::at(Timestamp::UNIX_EPOCH),
    )
    .await
}

/// The output of a machine that must succeed and calls nobody of interest.
async fn output(states: &Value, input: Value) -> Value {
    match run(states, input, &Script::default()).await.status {
        Status::Succeeded(value) => value,
        other => panic!("{other:?}"),
    }
}

/// The error name of a machine that must fail.
fn error_of(ended: &Ended) -> &str {
    match &ended.status {
        Status::Failed(error) => &error.error,
        other => panic!("{other:?}"),
    }
}

/// Where and why the machine is refused as outside the subset.
fn unsupported(states: &Value) -> (String, String) {
    match refusal(states) {
        ParseError::Unsupported { path, what } => (path, what),
        other => panic!("{other:?}"),
    }
}

/// Where and why the machine is refused as wrong on AWS too.
fn invalid(states: &Value) -> (String, String) {
    match refusal(states) {
        ParseError::Invalid { path, what } => (path, what),
        other => panic!("{other:?}"),
    }
}
