//! What a day costs, with what costs something whether there are orders or not.

use serde::Serialize;

use crate::bill::Totals;
use crate::duration::Clock;
use crate::prices::Item;
use crate::rates::Rates;
use crate::trace::{Invocation, Trigger, is_fifo};
use crate::usage::{Usage, queue_request};

const SECONDS_PER_DAY: f64 = 86_400.0;
const MILLION: f64 = 1e6;

/// A day with so many orders. Money is in US dollars.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Day {
    pub orders: u64,
    /// What the bill says for so many orders, consumers included.
    pub orders_dollars_per_day: f64,
    /// What comes beside it.
    pub lines: Vec<DayLine>,
    /// Sum of `lines`.
    pub standing_dollars_per_day: f64,
    pub dollars_per_day: f64,
    /// Of thirty such days.
    pub dollars_per_month: f64,
}

/// A cost beside those of orders.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DayLine {
    /// Key of its price in the price table.
    pub item: &'static str,
    pub name: String,
    pub quantity_per_day: f64,
    pub unit: String,
    pub dollars_per_day: f64,
    /// Assumed, not counted.
    pub estimated: bool,
}

impl Day {
    pub(crate) fn new(clock: Clock<'_>, rates: &Rates, totals: Totals, orders: u64) -> Self {
        let lines = lines(&standing(clock, rates, orders), rates);
        let of_orders = totals.all * orders as f64 / MILLION;
        let standing = lines.iter().map(|line| line.dollars_per_day).sum::<f64>();
        Self {
            orders,
            orders_dollars_per_day: of_orders,
            lines,
            standing_dollars_per_day: standing,
            dollars_per_day: of_orders + standing,
            dollars_per_month: (of_orders + standing) * rates.physics.days_per_month.value,
        }
    }
}

fn lines(usage: &Usage, rates: &Rates) -> Vec<DayLine> {
    let amounts = usage.amounts().map(|(item, amount)| {
        let price = rates.prices.price(item);
        DayLine {
            item: item.key(),
            name: price.name.clone(),
            quantity_per_day: amount.quantity,
            unit: price.unit.clone(),
            dollars_per_day: price.of(amount.quantity),
            estimated: amount.estimated,
        }
    });
    amounts.collect()
}

/// Alarms, schedules, empty receives, data keys, and a month of orders in the tables.
fn standing(clock: Clock<'_>, rates: &Rates, orders: u64) -> Usage {
    let (physics, deployment) = (&rates.physics, &rates.deployment);
    let mut usage = Usage::default();
    let alarms = f64::from(deployment.alarms) / physics.days_per_month.value;
    usage.add(Item::AlarmMonth, alarms);
    for schedule in &deployment.schedules {
        let runs = f64::from(schedule.runs_per_day);
        usage.add(Item::ScheduledEvent, runs);
        usage.add_times(runs, &one_run(clock, &schedule.function));
    }
    let receives = physics.pollers.value * SECONDS_PER_DAY / physics.poll_seconds.value;
    for queue in &deployment.polled_queues {
        usage.add(queue_request(is_fifo(queue)), receives);
    }
    let data_keys = SECONDS_PER_DAY / physics.data_key_seconds.value;
    let requests = data_keys * physics.kms_requests_per_data_key.value;
    let publishers = f64::from(deployment.publishers);
    usage.add(Item::KmsRequest, requests * publishers);
    // To keep a month's orders costs so many byte-months a month, and one day's of them a day. Each
    // further month that is kept costs the same again.
    let kept = orders as f64 * physics.stored_bytes_per_order.value;
    usage.estimate(Item::DynamodbStorage, kept, true);
    usage.estimate(Item::DynamodbBackup, kept, true);
    usage
}

/// One run of a scheduled function, as counted; where none was, one that makes no calls.
fn one_run(clock: Clock<'_>, function: &str) -> Usage {
    let mut rows = clock.trace.invocations_of(function);
    let counted = rows.find(|row| row.trigger == Trigger::Schedule);
    let assumed = Invocation::unknown(function, Trigger::Schedule);
    let row = counted.unwrap_or(&assumed);
    let mut usage = Usage::default();
    let times = 1.0 / row.count.get() as f64;
    usage.add_times(times, &Usage::of_invocations(clock, row));
    usage
}
