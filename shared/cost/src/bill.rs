//! The bill of a trace, per order and per million orders.

use std::ops::Add;

use serde::Serialize;
use thiserror::Error;

use crate::day::Day;
use crate::duration::Clock;
use crate::prices::Item;
use crate::rates::Rates;
use crate::trace::{Kind, Trace, TraceError, Trigger};
use crate::usage::{Amount, Usage};

#[cfg(test)]
mod tests;

const MILLION: f64 = 1e6;
/// What Lambda offers, in MB.
const MEMORY: std::ops::RangeInclusive<u32> = 128..=10_240;

/// What to bill a trace as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Options {
    /// Type of the saga's state machine; `None` as counted. Other machines are billed as counted.
    pub saga: Option<Kind>,
    pub architecture: Architecture,
    /// Memory of each function in MB, 128 to 10,240.
    pub memory_mb: u32,
    /// With it the bill says what a day costs.
    pub orders_per_day: Option<u64>,
}

/// Express on arm64 with 128 MB, as the template has it.
impl Default for Options {
    fn default() -> Self {
        Self {
            saga: Some(Kind::Express),
            architecture: Architecture::Arm64,
            memory_mb: 128,
            orders_per_day: None,
        }
    }
}

/// Processor of all functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    Arm64,
    X86_64,
}

/// Why there is no bill.
#[derive(Debug, Error)]
pub enum BillError {
    #[error(transparent)]
    Trace(#[from] TraceError),
    #[error("a function has 128 to 10240 MB, not {0}")]
    Memory(u32),
}

/// What a trace costs. Money is in US dollars.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bill {
    pub scenario: String,
    /// How many orders were counted.
    pub orders: u64,
    pub options: Options,
    /// The spine's first, then those of consumers.
    pub lines: Vec<Line>,
    pub totals: Totals,
    /// What the time of Lambda is made of.
    pub functions: Vec<FunctionTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<Day>,
}

/// What one item costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// Key of its price in the price table.
    pub item: &'static str,
    pub name: String,
    pub group: Group,
    pub quantity_per_order: f64,
    pub unit: String,
    pub dollars_per_million_orders: f64,
    /// Instructions were not counted somewhere, so that the stated default was taken.
    pub estimated: bool,
}

/// Whose a cost is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// From the request to the published events.
    Spine,
    /// Delivery of events, queues, and the functions that only listen.
    Consumers,
}

/// US dollars per million orders.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Totals {
    pub spine: f64,
    pub consumers: f64,
    /// Both.
    pub all: f64,
}

/// Billed time of a function.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FunctionTime {
    pub function: String,
    pub trigger: Trigger,
    pub invocations_per_order: f64,
    /// Of one invocation, in milliseconds.
    pub billed_ms: f64,
    pub estimated: bool,
}

impl Bill {
    /// Bills a trace.
    ///
    /// # Errors
    /// [`BillError`] when the trace contradicts itself or no function has so much memory.
    pub fn new(trace: &Trace, options: Options, rates: &Rates) -> Result<Self, BillError> {
        trace.check()?;
        if !MEMORY.contains(&options.memory_mb) {
            return Err(BillError::Memory(options.memory_mb));
        }
        let clock = Clock {
            trace,
            physics: &rates.physics,
            options: &options,
        };
        let mut lines = lines(&of_spine(clock, rates), Group::Spine, trace, rates);
        let consumers = of_consumers(clock, rates);
        lines.extend(self::lines(&consumers, Group::Consumers, trace, rates));
        let totals = Totals::of(&lines);
        let orders_per_day = options.orders_per_day;
        Ok(Self {
            scenario: trace.scenario.clone(),
            orders: trace.orders.get(),
            options,
            totals,
            lines,
            functions: function_times(clock),
            day: orders_per_day.map(|orders| Day::new(clock, rates, totals, orders)),
        })
    }
}

impl Totals {
    fn of(lines: &[Line]) -> Self {
        let sum = |group| {
            let own = lines.iter().filter(|line| line.group == group);
            let dollars = own.map(|line| line.dollars_per_million_orders);
            // The sum of nothing would be minus zero.
            dollars.fold(0.0, f64::add)
        };
        let (spine, consumers) = (sum(Group::Spine), sum(Group::Consumers));
        Self {
            spine,
            consumers,
            all: spine + consumers,
        }
    }
}

fn of_spine(clock: Clock<'_>, rates: &Rates) -> Usage {
    let mut usage = of_functions(clock, rates, Group::Spine);
    let requests = clock.trace.http_requests as f64;
    usage.add(Item::HttpRequest, requests);
    for execution in &clock.trace.executions {
        let is_saga = execution.machine == rates.deployment.saga;
        let chosen = clock.options.saga.filter(|_| is_saga);
        if is_saga {
            let looks = clock.physics.later_read_units_per_order.value;
            let looks = looks * execution.count.get() as f64;
            usage.estimate(Item::DynamodbReadUnit, looks, true);
        }
        let kind = chosen.unwrap_or(execution.kind);
        usage.add_times(1.0, &Usage::of_executions(clock, execution, kind));
    }
    usage
}

fn of_consumers(clock: Clock<'_>, rates: &Rates) -> Usage {
    let mut usage = of_functions(clock, rates, Group::Consumers);
    for delivery in &clock.trace.deliveries {
        usage.add_times(1.0, &Usage::of_deliveries(clock, delivery));
    }
    usage
}

/// The functions of a group, without what they do by the clock.
fn of_functions(clock: Clock<'_>, rates: &Rates, group: Group) -> Usage {
    let mut usage = Usage::default();
    for row in &clock.trace.invocations {
        let listens = rates.deployment.consumers.contains(&row.function);
        let own = listens == (group == Group::Consumers);
        if own && row.trigger != Trigger::Schedule {
            usage.add_times(1.0, &Usage::of_invocations(clock, row));
        }
    }
    usage
}

fn lines(usage: &Usage, group: Group, trace: &Trace, rates: &Rates) -> Vec<Line> {
    let orders = trace.orders.get() as f64;
    let line = |(item, amount): (Item, Amount)| {
        let price = rates.prices.price(item);
        let quantity_per_order = amount.quantity / orders;
        Line {
            item: item.key(),
            name: price.name.clone(),
            group,
            quantity_per_order,
            unit: price.unit.clone(),
            dollars_per_million_orders: price.of(quantity_per_order * MILLION),
            estimated: amount.estimated,
        }
    };
    usage.amounts().map(line).collect()
}

fn function_times(clock: Clock<'_>) -> Vec<FunctionTime> {
    let orders = clock.trace.orders.get() as f64;
    let rows = clock.trace.invocations.iter();
    let time = rows.map(|row| FunctionTime {
        function: row.function.clone(),
        trigger: row.trigger,
        invocations_per_order: row.count.get() as f64 / orders,
        billed_ms: clock.billed_ms(row),
        estimated: Clock::is_estimated(row),
    });
    time.collect()
}
