//! From counts to billed time.

use crate::bill::{Architecture, Options};
use crate::physics::Physics;
use crate::trace::{Execution, Invocation, Trace, Trigger};

/// Finer than this nothing is known: it keeps an error in the last bits from costing a millisecond.
const FINEST_PER_MS: f64 = 1e6;

/// Tells how long things took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock<'a> {
    pub(crate) trace: &'a Trace,
    pub(crate) physics: &'a Physics,
    pub(crate) options: &'a Options,
}

impl Clock<'_> {
    /// Billed milliseconds of the mean invocation of a row: its instructions, the calls of its
    /// function (which a trace does not tell apart by trigger) and of third parties, rounded up.
    pub(crate) fn billed_ms(&self, row: &Invocation) -> f64 {
        let physics = self.physics;
        let count = row.count.get() as f64;
        let provider = row.provider_calls as f64 / count * physics.provider_ms.value;
        let cold = physics.cold_start_share.value * physics.cold_start_ms.value;
        round_up(
            self.cpu_ms(row) + self.calls_ms(&row.function) + provider + cold,
            1.0,
        )
    }

    /// Rounded milliseconds of the mean execution, were it Express: the tasks of all machines,
    /// shared out by transitions, and what each transition takes by itself.
    pub(crate) fn express_ms(&self, execution: &Execution) -> f64 {
        let count = execution.count.get() as f64;
        let tasks = self.rows(Trigger::Task).map(|row| {
            let count = row.count.get() as f64;
            count * self.billed_ms(row)
        });
        let own = tasks.sum::<f64>() * self.share_of_tasks(execution);
        let states = execution.transitions as f64 * self.physics.state_ms.value;
        round_up((own + states) / count, self.physics.express_step_ms.value)
    }

    /// Whether instructions of a row were not counted.
    pub(crate) const fn is_estimated(row: &Invocation) -> bool {
        row.instructions.is_none()
    }

    /// Whether instructions of some task were not counted.
    pub(crate) fn are_tasks_estimated(&self) -> bool {
        self.rows(Trigger::Task).any(Self::is_estimated)
    }

    fn rows(&self, trigger: Trigger) -> impl Iterator<Item = &Invocation> {
        let rows = self.trace.invocations.iter();
        rows.filter(move |row| row.trigger == trigger)
    }

    fn cpu_ms(&self, row: &Invocation) -> f64 {
        let physics = self.physics;
        let instructions = row
            .instructions
            .map_or(physics.default_instructions.value, |sum| {
                sum as f64 / row.count.get() as f64
            });
        let speed = match self.options.architecture {
            Architecture::Arm64 => physics.arm64_instructions_per_second.value,
            Architecture::X86_64 => physics.x86_64_instructions_per_second.value,
        };
        // The runtime has one thread: a second vCPU would not help it.
        let share = f64::from(self.options.memory_mb) / physics.vcpu_megabytes.value;
        instructions / (share.min(1.0) * speed) * 1000.0
    }

    fn calls_ms(&self, function: &str) -> f64 {
        let calls = self.trace.calls_of(function).map(|call| {
            let each = self.physics.call_ms(call.service, &call.operation);
            call.count as f64 * each
        });
        calls.sum::<f64>() / invocations(self.trace, function)
    }

    fn share_of_tasks(&self, execution: &Execution) -> f64 {
        let executions = &self.trace.executions;
        let all: u64 = executions.iter().map(|other| other.transitions).sum();
        if all == 0 {
            return 1.0 / executions.len() as f64;
        }
        execution.transitions as f64 / all as f64
    }
}

/// Invocations of a function by whatever trigger; at least one, for a row that was assumed.
pub(crate) fn invocations(trace: &Trace, function: &str) -> f64 {
    let rows = trace.invocations_of(function);
    let counted: u64 = rows.map(|row| row.count.get()).sum();
    counted.max(1) as f64
}

fn round_up(ms: f64, step: f64) -> f64 {
    let known = (ms * FINEST_PER_MS).round() / FINEST_PER_MS;
    (known / step).ceil() * step
}
