//! A parsed state machine.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::choice::Condition;
use super::path::Path;
use super::reading;
use super::result_path::ResultPath;
use super::strict::ParseError;
use super::template::Template;

/// A state machine of the supported subset: every target it names exists.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// The first state.
    pub start_at: String,
    /// How long an execution may take.
    pub timeout: Option<Duration>,
    pub(crate) states: BTreeMap<String, State>,
}

impl Machine {
    /// Reads the text of an `.asl.json` file.
    ///
    /// # Errors
    /// [`ParseError::Unsupported`] for anything outside the subset, [`ParseError::Invalid`] for
    /// what AWS would refuse too, [`ParseError::Json`] for text that is no JSON.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        reading::machine(text)
    }
}

/// One state.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    pub(crate) input_path: DataPath,
    pub(crate) output_path: DataPath,
    /// What the state does.
    pub kind: StateKind,
}

/// What a state does.
#[derive(Debug, Clone, PartialEq)]
pub enum StateKind {
    /// Runs a task.
    Task(Box<Task>),
    /// Goes where the first rule that holds points.
    Choice(Choice),
    /// Lets time pass.
    Wait(Wait),
    /// Shapes data.
    Pass(Pass),
    /// Ends the execution well.
    Succeed,
    /// Ends the execution with an error.
    Fail(Fail),
}

/// A Task state.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// The task, as it stands in the file; `${Name}` is not substituted.
    pub resource: String,
    /// How long one attempt may take.
    pub timeout: Option<Duration>,
    /// Scanned in order; the first that matches an error decides.
    pub retry: Vec<Retrier>,
    /// Scanned in order once no retry is left.
    pub catch: Vec<Catcher>,
    /// Where it goes on success.
    pub then: Then,
    pub(crate) parameters: Option<Template>,
    pub(crate) result_selector: Option<Template>,
    pub(crate) result_path: ResultPath,
}

/// One entry of `Retry`.
#[derive(Debug, Clone, PartialEq)]
pub struct Retrier {
    /// The errors it takes.
    pub error_equals: Vec<String>,
    /// The delay before the first retry; 1 s unless given.
    pub interval: Duration,
    /// What the delay is multiplied by from retry to retry; 2 unless given.
    pub backoff_rate: f64,
    /// How many retries, not counting the first attempt; 3 unless given, 0 for none.
    pub max_attempts: u64,
    /// The longest delay.
    pub max_delay: Option<Duration>,
    /// `JitterStrategy: FULL`: the delay is random, up to the computed one.
    pub full_jitter: bool,
}

/// One entry of `Catch`.
#[derive(Debug, Clone, PartialEq)]
pub struct Catcher {
    /// The errors it takes.
    pub error_equals: Vec<String>,
    /// Where it goes.
    pub next: String,
    pub(crate) result_path: ResultPath,
}

/// What follows a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    /// This state.
    Next(String),
    /// The end of the execution.
    End,
}

/// A Choice state.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    pub(crate) rules: Vec<(Condition, String)>,
    pub(crate) default: Option<String>,
}

/// A Wait state.
#[derive(Debug, Clone, PartialEq)]
pub struct Wait {
    pub(crate) length: WaitLength,
    pub(crate) then: Then,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum WaitLength {
    Fixed(Duration),
    SecondsAt(Path),
}

/// A Pass state.
#[derive(Debug, Clone, PartialEq)]
pub struct Pass {
    pub(crate) parameters: Option<Template>,
    pub(crate) result: Option<Value>,
    pub(crate) result_path: ResultPath,
    pub(crate) then: Then,
}

/// A Fail state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fail {
    pub(crate) error: String,
    pub(crate) cause: String,
}

/// An `InputPath` or `OutputPath`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum DataPath {
    /// Without the field: everything.
    Whole,
    /// `null`: an empty object.
    Nothing,
    At(Path),
}
