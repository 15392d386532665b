//! How much of each item was used.

use std::collections::BTreeMap;

use crate::bill::Architecture;
use crate::duration::{Clock, invocations};
use crate::physics::{Physics, Service};
use crate::prices::Item;
use crate::trace::{Call, Delivery, Execution, Invocation, Kind, Trace, Trigger, is_fifo};

/// Lambda's GB is of 1,024 MB.
const MEGABYTES_PER_GB: f64 = 1024.0;

/// Quantities by item.
#[derive(Clone, Debug, Default)]
pub(crate) struct Usage(BTreeMap<Item, Amount>);

/// A quantity in the units of its price.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Amount {
    pub(crate) quantity: f64,
    /// Something in it was not counted but assumed.
    pub(crate) estimated: bool,
}

impl Usage {
    pub(crate) fn add(&mut self, item: Item, quantity: f64) {
        self.0.entry(item).or_default().quantity += quantity;
    }

    pub(crate) fn estimate(&mut self, item: Item, quantity: f64, estimated: bool) {
        self.add(item, quantity);
        self.0.entry(item).or_default().estimated |= estimated;
    }

    /// Adds so many times another usage.
    pub(crate) fn add_times(&mut self, times: f64, other: &Self) {
        for (item, amount) in &other.0 {
            self.estimate(*item, times * amount.quantity, amount.estimated);
        }
    }

    /// What there is some of, in the order of items.
    pub(crate) fn amounts(&self) -> impl Iterator<Item = (Item, Amount)> {
        let some = self.0.iter().filter(|(_, amount)| amount.quantity > 0.0);
        some.map(|(item, amount)| (*item, *amount))
    }

    /// All invocations of a row, with their share of the calls of their function.
    pub(crate) fn of_invocations(clock: Clock<'_>, row: &Invocation) -> Self {
        let mut usage = Self::default();
        let count = row.count.get() as f64;
        let gb = f64::from(clock.options.memory_mb) / MEGABYTES_PER_GB;
        let seconds = count * clock.billed_ms(row) / 1000.0;
        let duration = match clock.options.architecture {
            Architecture::Arm64 => Item::LambdaArm64GbSecond,
            Architecture::X86_64 => Item::LambdaX8664GbSecond,
        };
        let overhead = clock.physics.log_event_bytes.value;
        usage.add(Item::LambdaRequest, count);
        usage.estimate(duration, seconds * gb, Clock::is_estimated(row));
        let log_bytes = row.log_bytes as f64 + row.log_events as f64 * overhead;
        usage.add(Item::LogByte, log_bytes);
        if row.trigger == Trigger::Stream {
            usage.add(Item::DynamodbStreamRead, count);
        }
        let share = count / invocations(clock.trace, &row.function);
        for call in clock.trace.calls_of(&row.function) {
            usage.add_times(share, &Self::of_call(clock.physics, call));
        }
        usage
    }

    fn of_call(physics: &Physics, call: &Call) -> Self {
        let mut usage = Self::default();
        let (count, bytes) = (call.count as f64, call.request_bytes as f64);
        let steps = count.max(bytes / physics.message_step_bytes.value);
        match (call.service, is_fifo(&call.resource)) {
            (Service::Dynamodb, _) => {
                usage.add(Item::DynamodbReadUnit, call.read_units);
                usage.add(Item::DynamodbWriteUnit, call.write_units);
            }
            (Service::Sns, true) => {
                usage.add(Item::SnsFifoRequest, count);
                usage.add(Item::SnsFifoByte, bytes);
            }
            (Service::Sns, false) => usage.add(Item::SnsStandardRequest, steps),
            (Service::Sqs, fifo) => usage.add(queue_request(fifo), steps),
            (Service::Ses, _) => usage.add(Item::Mail, count.max(call.entries as f64)),
            (Service::Kms, _) => usage.add(Item::KmsRequest, count),
            (Service::States, _) => {}
        }
        usage
    }

    /// Executions, billed as this kind of machine.
    pub(crate) fn of_executions(clock: Clock<'_>, execution: &Execution, kind: Kind) -> Self {
        let mut usage = Self::default();
        if kind == Kind::Standard {
            usage.add(Item::StandardTransition, execution.transitions as f64);
            return usage;
        }
        let count = execution.count.get() as f64;
        let gb = clock.physics.express_megabytes.value / MEGABYTES_PER_GB;
        let seconds = count * clock.express_ms(execution) / 1000.0;
        usage.add(Item::ExpressRequest, count);
        let estimated = clock.are_tasks_estimated();
        usage.estimate(Item::ExpressGbSecond, seconds * gb, estimated);
        usage
    }

    /// Deliveries, and what Lambda asks of their queue to have and to delete them.
    pub(crate) fn of_deliveries(clock: Clock<'_>, delivery: &Delivery) -> Self {
        let mut usage = Self::default();
        let (count, bytes) = (delivery.count as f64, delivery.bytes as f64);
        if is_fifo(&delivery.topic) {
            usage.add(Item::SnsFifoDelivery, count);
            usage.add(Item::SnsFifoDeliveredByte, bytes);
        } else {
            usage.add(Item::SnsStandardDelivery, count);
        }
        let batches = count * batches_per_message(clock.trace);
        if batches > 0.0 {
            let step = clock.physics.message_step_bytes.value;
            let more = ((bytes / batches / step).ceil() - 1.0).max(0.0);
            let requests = batches * (clock.physics.requests_per_batch.value + more);
            usage.add(queue_request(is_fifo(&delivery.queue)), requests);
        }
        usage
    }
}

/// As many batches as queues invoked functions, the same share for each queue; batches of one
/// where no such invocation was counted.
fn batches_per_message(trace: &Trace) -> f64 {
    let rows = trace.invocations.iter();
    let queues = rows.filter(|row| row.trigger == Trigger::Queue);
    let batches: u64 = queues.map(|row| row.count.get()).sum();
    let messages: u64 = trace.deliveries.iter().map(|row| row.count).sum();
    if batches == 0 || messages == 0 {
        return 1.0;
    }
    batches as f64 / messages as f64
}

/// What a request to a queue is billed as.
pub(crate) const fn queue_request(fifo: bool) -> Item {
    if fifo {
        Item::SqsFifoRequest
    } else {
        Item::SqsStandardRequest
    }
}
