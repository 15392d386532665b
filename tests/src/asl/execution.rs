//! One execution of a machine, in virtual time: either to its end at once, or step by step, so
//! that a scheduler can interleave several executions on one clock.

mod limits;
mod quick;
mod recourse;
mod report;
mod task;
mod turn;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::clock::{VirtualClock, later};
use super::jitter::Jitter;
use super::machine::{Machine, StateKind};
use super::path::Scope;
use super::runner::{TaskError, TaskRunner};
use recourse::{Recourse, Retries};
use turn::{Move, Turn};

pub use report::{Ended, Progress, Status, Visit};

/// An execution between its start and its end.
///
/// ```text
/// loop {
///     let next = executions.iter_mut().min_by_key(|e| e.due());   // the scheduler's choice
///     next.step(&runner).await;                                   // moves the clock to due()
/// }
/// ```
#[derive(Debug)]
pub struct Execution {
    machine: Arc<Machine>,
    name: String,
    clock: VirtualClock,
    jitter: Jitter,
    /// The context object (`$$`).
    context: Value,
    /// The data that the present state was entered with.
    data: Value,
    phase: Phase,
    due: Timestamp,
    deadline: Timestamp,
    history: Vec<Visit>,
    events: u32,
}

/// What the next step does.
#[derive(Debug, Clone)]
enum Phase {
    Attempt { state: String, retries: Retries },
    Ending(Status),
    Ended(Timestamp, Status),
}

impl Execution {
    /// An execution that begins now.
    #[must_use]
    pub fn start(machine: &Arc<Machine>, name: &str, input: Value, clock: &VirtualClock) -> Self {
        let now = clock.now();
        let limit = machine.timeout.unwrap_or(Duration::MAX);
        let phase = match limits::payload(&input) {
            Ok(()) => Phase::Attempt {
                state: machine.start_at.clone(),
                retries: Retries::default(),
            },
            Err(error) => Phase::Ending(Status::Failed(error)),
        };
        Self {
            machine: Arc::clone(machine),
            name: name.to_owned(),
            clock: clock.clone(),
            jitter: Jitter::Off,
            context: context(name, &input),
            data: input,
            phase,
            due: now,
            deadline: later(now, limit),
            history: Vec::new(),
            events: 2,
        }
    }

    /// Makes the delays of `JitterStrategy: FULL` random; without it they are the longest ones.
    #[must_use]
    pub fn with_jitter(self, seed: u64) -> Self {
        Self {
            jitter: Jitter::Seeded(seed),
            ..self
        }
    }

    /// Runs an execution to its end.
    pub async fn run<R: TaskRunner>(
        machine: &Arc<Machine>,
        name: &str,
        input: Value,
        runner: &R,
        clock: &VirtualClock,
    ) -> Ended {
        Self::start(machine, name, input, clock)
            .run_on(runner)
            .await
    }

    /// Runs on to the end.
    pub async fn run_on<R: TaskRunner>(&mut self, runner: &R) -> Ended {
        loop {
            if let Progress::Ended(ended) = self.step(runner).await {
                return ended;
            }
        }
    }

    /// The name it was started with.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The state that the next step visits; none when the execution is over or about to be.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        match &self.phase {
            Phase::Attempt { state, .. } => Some(state),
            Phase::Ending(_) | Phase::Ended(..) => None,
        }
    }

    /// When the next step is due; once ended, when it ended.
    #[must_use]
    pub fn due(&self) -> Timestamp {
        match self.phase {
            Phase::Ended(at, _) => at,
            _ => self.due.min(self.deadline),
        }
    }

    /// How it ended; none while it runs.
    #[must_use]
    pub fn ended(&self) -> Option<Ended> {
        let Phase::Ended(at, status) = &self.phase else {
            return None;
        };
        Some(Ended {
            status: status.clone(),
            at: *at,
            history: self.history.clone(),
            events: self.events,
        })
    }

    /// Moves the clock to [`Execution::due`], never back, and makes one attempt at one state, or
    /// ends. The effects of the attempt happen at once; what it leads to is due when its answer
    /// comes. A step after the end changes nothing.
    pub async fn step<R: TaskRunner>(&mut self, runner: &R) -> Progress {
        if let Some(ended) = self.ended() {
            return Progress::Ended(ended);
        }
        self.clock.advance_to(self.due());
        if self.clock.now() < self.deadline {
            self.attempt(runner).await;
        }
        self.settle();
        self.ended()
            .map_or_else(|| Progress::Due(self.due()), Progress::Ended)
    }

    async fn attempt<R: TaskRunner>(&mut self, runner: &R) {
        let Phase::Attempt { state, mut retries } = self.phase.clone() else {
            return;
        };
        let (at, attempt) = (self.clock.now(), retries.attempt());
        self.name_state(&state);
        let turn = self.visit(&state, &mut retries, runner).await;
        let until = later(at, turn.took);
        self.due = later(until, turn.delay);
        self.count_events(&state, attempt, &turn.then);
        self.history.push(Visit {
            state: state.clone(),
            attempt,
            at,
            until,
            error: turn.error,
        });
        self.phase = match turn.then {
            _ if self.events > limits::HISTORY => {
                Phase::Ending(Status::Failed(limits::history_is_full()))
            }
            Move::To(state, data) => {
                self.data = data;
                Phase::Attempt {
                    state,
                    retries: Retries::default(),
                }
            }
            Move::Again => Phase::Attempt { state, retries },
            Move::End(status) => Phase::Ending(status),
        };
    }

    async fn visit<R: TaskRunner>(
        &mut self,
        name: &str,
        retries: &mut Retries,
        runner: &R,
    ) -> Turn {
        let machine = Arc::clone(&self.machine);
        let Some(state) = machine.states.get(name) else {
            return Turn::quick(Err(TaskError::runtime(format!("there is no state {name}"))));
        };
        let scope = Scope {
            data: &self.data,
            context: &self.context,
        };
        match &state.kind {
            StateKind::Task(task) => {
                let call = task::Call {
                    execution: &self.name,
                    name,
                    state,
                    task,
                    attempt: retries.attempt(),
                    at: self.clock.now(),
                };
                let (took, result) = call.make(runner, scope).await;
                let jitter = &mut self.jitter;
                Recourse {
                    task,
                    data: &self.data,
                    retries,
                    jitter,
                }
                .turn(took, result)
            }
            StateKind::Choice(choice) => Turn::quick(quick::choice(state, choice, scope)),
            StateKind::Wait(wait) => Turn::quick(quick::wait(state, wait, scope)),
            StateKind::Pass(pass) => Turn::quick(quick::pass(state, pass, scope)),
            StateKind::Succeed => Turn::quick(quick::succeed(state, scope)),
            StateKind::Fail(fail) => Turn::quick(Err(TaskError::new(&fail.error, &fail.cause))),
        }
    }

    fn name_state(&mut self, name: &str) {
        if let Some(slot) = self.context.pointer_mut("/State/Name") {
            *slot = name.into();
        }
    }

    fn count_events(&mut self, state: &str, attempt: u32, then: &Move) {
        let is_task = self
            .machine
            .state(state)
            .is_some_and(|state| matches!(state.kind, StateKind::Task(_)));
        let leaves = !matches!(then, Move::Again);
        self.events += limits::events(is_task, attempt, leaves);
    }

    /// Ends the execution if its end, or its time limit, has come.
    fn settle(&mut self) {
        let now = self.clock.now();
        match &self.phase {
            Phase::Ending(status) if self.due <= now && self.due < self.deadline => {
                self.phase = Phase::Ended(self.due, status.clone());
            }
            _ if now >= self.deadline => self.phase = Phase::Ended(self.deadline, Status::TimedOut),
            _ => {}
        }
    }
}

/// The id has the shape of an ARN, but no account of ours.
fn context(name: &str, input: &Value) -> Value {
    let id = format!("arn:aws:states:us-east-1:000000000000:execution:machine:{name}");
    json!({ "Execution": { "Id": id, "Name": name, "Input": input }, "State": { "Name": "" } })
}
