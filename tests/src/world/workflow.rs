//! The workflow service: executions of the shipped state machines by name.

use std::sync::{Arc, Mutex, OnceLock};

use contracts::saga::{OrderSagaInput, RecoveryInput};
use domain::ports::{StartError, StartRecovery, StartSaga};
use domain::{Epoch, Order, OrderId};
use serde_json::Value;
use testkit::must;

use super::kernel::{Pace, lock};
use super::shop::Shop;
use crate::asl::{Ended, Execution, Machine, Outcome, Progress, TaskCall, TaskRunner};

/// Which state machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `order-saga.asl.json`
    Saga,
    /// `order-recovery.asl.json`
    Recovery,
}

impl Kind {
    /// The shipped text.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Saga => include_str!("../../../statemachines/order-saga.asl.json"),
            Self::Recovery => include_str!("../../../statemachines/order-recovery.asl.json"),
        }
    }

    /// The shipped machine.
    pub fn machine(self) -> &'static Arc<Machine> {
        static SAGA: OnceLock<Arc<Machine>> = OnceLock::new();
        static RECOVERY: OnceLock<Arc<Machine>> = OnceLock::new();
        let parse = || Arc::new(must(Machine::parse(self.text())));
        match self {
            Self::Saga => SAGA.get_or_init(parse),
            Self::Recovery => RECOVERY.get_or_init(parse),
        }
    }
}

/// An execution.
#[derive(Clone, Debug)]
pub struct Run {
    /// Of which machine.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its end, once it has come.
    pub ended: Option<Ended>,
    input: Value,
    pace: Option<Pace>,
}

impl Run {
    /// Whether it goes on.
    pub fn is_running(&self) -> bool {
        self.ended.is_none() && self.pace.as_ref().is_some_and(|pace| !pace.is_dead())
    }
}

/// How the workflow service behaves, and all executions.
#[derive(Clone, Debug, Default)]
pub struct Executions(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    runs: Vec<Run>,
    /// Express: a name used before starts another execution all the same.
    express: bool,
    /// Every start of a saga makes a second execution this many milliseconds later at most.
    twice_within: Option<u64>,
}

/// A name that was used before; AWS's name for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameUsed(pub &'static str);

impl Executions {
    /// All executions, in the order of their beginning.
    pub fn all(&self) -> Vec<Run> {
        lock(&self.0).runs.clone()
    }

    /// How many there were of a machine.
    pub fn count(&self, kind: Kind) -> usize {
        let of_kind = |run: &&Run| run.kind == kind;
        lock(&self.0).runs.iter().filter(of_kind).count()
    }

    /// Lets sagas run as Express executions: started again, they run again.
    pub fn be_express(&self) {
        lock(&self.0).express = true;
    }

    /// Lets every saga run twice, the second up to so many milliseconds later.
    pub fn run_twice(&self, within_ms: u64) {
        lock(&self.0).twice_within = Some(within_ms);
    }

    /// Aborts every execution that runs, as a person does by hand.
    pub fn abort_all(&self) {
        for run in &lock(&self.0).runs {
            if let Some(pace) = &run.pace {
                pace.kill();
            }
        }
    }

    fn second_within(&self, kind: Kind) -> Option<u64> {
        let twice = lock(&self.0).twice_within;
        twice.filter(|_| kind == Kind::Saga)
    }

    /// Takes a name. Started before with the same input and still running is no new start.
    fn take(&self, kind: Kind, name: &str, input: &Value) -> Result<Option<usize>, NameUsed> {
        let mut inner = lock(&self.0);
        let repeatable = inner.express && kind == Kind::Saga;
        let same_name = |run: &&Run| run.kind == kind && run.name == name;
        match inner.runs.iter().find(same_name) {
            Some(known) if !repeatable => {
                if known.is_running() && known.input == *input {
                    return Ok(None);
                }
                return Err(NameUsed("StepFunctions.ExecutionAlreadyExistsException"));
            }
            _ => {}
        }
        inner.runs.push(Run {
            kind,
            name: name.to_owned(),
            ended: None,
            input: input.clone(),
            pace: None,
        });
        Ok(Some(inner.runs.len() - 1))
    }

    fn add_second(&self, kind: Kind, name: &str, input: &Value) -> usize {
        let mut inner = lock(&self.0);
        inner.runs.push(Run {
            kind,
            name: name.to_owned(),
            ended: None,
            input: input.clone(),
            pace: None,
        });
        inner.runs.len() - 1
    }

    fn began(&self, at: usize, pace: Pace) {
        if let Some(run) = lock(&self.0).runs.get_mut(at) {
            run.pace = Some(pace);
        }
    }

    fn end(&self, at: usize, ended: Ended) {
        if let Some(run) = lock(&self.0).runs.get_mut(at) {
            run.ended = Some(ended);
        }
    }
}

impl Shop {
    /// Starts an execution.
    ///
    /// # Errors
    /// `NameUsed` as AWS says it.
    pub fn start_execution(&self, kind: Kind, name: &str, input: Value) -> Result<(), NameUsed> {
        let Some(first) = self.executions.take(kind, name, &input)? else {
            return Ok(());
        };
        self.begin(first, (kind, name), input.clone());
        if let Some(within) = self.executions.second_within(kind) {
            let (shop, name) = (self.clone(), name.to_owned());
            let later = self.kernel.between(0, within);
            self.kernel.spawn(|pace| async move {
                pace.sleep(later).await;
                let second = shop.executions.add_second(kind, &name, &input);
                shop.begin(second, (kind, &name), input);
            });
        }
        Ok(())
    }

    fn begin(&self, at: usize, (kind, name): (Kind, &str), input: Value) {
        let shop = self.clone();
        let clock = self.kernel.clock();
        let seed = self.kernel.below(u64::MAX);
        let mut execution = Execution::start(kind.machine(), name, input, clock).with_jitter(seed);
        let pace = self.kernel.spawn(|pace| async move {
            let runner = Runner { shop, pace };
            loop {
                runner.pace.sleep_until(execution.due()).await;
                if let Progress::Ended(ended) = execution.step(&runner).await {
                    return runner.shop.executions.end(at, ended);
                }
            }
        });
        self.executions.began(at, pace);
    }
}

/// Carries out the tasks of one execution.
#[derive(Debug)]
struct Runner {
    shop: Shop,
    pace: Pace,
}

impl TaskRunner for Runner {
    async fn run(&self, call: TaskCall<'_>) -> Outcome {
        let began = call.at;
        let subject = subject_of(call.execution);
        let (resource, input) = (call.resource.to_owned(), call.input);
        let shop = self.shop.clone();
        let work = move |wire| shop.task(&resource, input.clone(), wire);
        match self
            .shop
            .visit(&self.pace, (call.state, subject), work)
            .await
        {
            None => Outcome::never(),
            Some(result) => {
                let took = self.shop.kernel.now().duration_since(began);
                Outcome::at_once(result).after(took.unsigned_abs())
            }
        }
    }
}

/// The order in the name of an execution.
fn subject_of(execution: &str) -> &str {
    execution.get(..36).unwrap_or(execution)
}

impl StartSaga for Shop {
    async fn start_saga(&self, order: &Order) -> Result<(), StartError> {
        let name = format!("{}-{}", order.facts.id, order.epoch);
        let input = must(serde_json::to_value(OrderSagaInput::from(order)));
        // A name used before is success, as the adapter has it.
        match self.start_execution(Kind::Saga, &name, input) {
            Ok(()) | Err(NameUsed(_)) => Ok(()),
        }
    }
}

impl StartRecovery for Shop {
    async fn start_recovery(
        &self,
        order_id: OrderId,
        epoch: Epoch,
        occasion: Option<&str>,
    ) -> Result<(), StartError> {
        let name = match occasion {
            Some(occasion) => format!("{order_id}-{epoch}-{occasion}"),
            None => format!("{order_id}-{epoch}"),
        };
        let input = RecoveryInput {
            order_id: order_id.0,
            epoch: epoch.0,
            tries: 0,
        };
        let input = must(serde_json::to_value(input));
        match self.start_execution(Kind::Recovery, &name, input) {
            Ok(()) | Err(NameUsed(_)) => Ok(()),
        }
    }
}
