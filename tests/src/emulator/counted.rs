//! What orders made AWS do, put together from the proxy, the logs, the executions' histories and
//! the providers' books: a trace that `cost` turns into a bill.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use aws_proxy::Sum;
use cost::{Call, Delivery, Execution, Invocation, Kind, Service, Trace, Trigger};
use serde_json::{Value, json};
use testkit::must_have;

use super::cart::Cart;
use super::shop::now;
use super::stack::Stack;
use super::{aws, faults, proxy};

/// Something that takes orders: functions, and how they are invoked.
#[derive(Clone, Copy, Debug)]
pub struct Design {
    /// What the names of its functions and log groups begin with.
    pub stack: &'static str,
    /// Its functions, and what invokes each.
    pub functions: &'static [(&'static str, Trigger)],
    /// Calls of third parties for one order that no stand-in counts.
    pub provider_calls: &'static [(&'static str, u64)],
    /// Its topic and the queue of its consumer.
    pub delivery: (&'static str, &'static str),
    /// The consumer.
    pub consumer: &'static str,
    /// Type of its state machine.
    pub kind: Kind,
    /// Whether it pays for the lines that Lambda writes about each invocation.
    pub platform_lines: bool,
}

/// Ours.
pub const CARTWRIGHT: Design = Design {
    stack: "cartwright",
    functions: &[
        ("inventory", Trigger::Task),
        ("notify", Trigger::Queue),
        ("orders", Trigger::Task),
        ("payments", Trigger::Task),
        ("place-order", Trigger::Http),
        ("project-dashboard", Trigger::Queue),
        ("publish-events", Trigger::Stream),
        ("shipping", Trigger::Task),
        ("start-saga", Trigger::Stream),
        ("track-shipments", Trigger::Queue),
        ("write-audit", Trigger::Queue),
    ],
    provider_calls: &[],
    delivery: ("events.fifo", "notify.fifo"),
    consumer: "notify",
    kind: Kind::Express,
    platform_lines: false,
};

/// Counts from here on.
#[derive(Debug)]
pub struct Counting<'stack> {
    stack: &'stack Stack,
    design: Design,
    since_ms: i64,
}

impl<'stack> Counting<'stack> {
    /// Begins.
    pub async fn start(stack: &'stack Stack, design: Design) -> Self {
        proxy::forget(stack).await;
        let since_ms = now().as_millisecond();
        Self {
            stack,
            design,
            since_ms,
        }
    }

    /// What was counted since, while only so many orders were under way. The providers' books are
    /// asked about these.
    ///
    /// # Panics
    /// When a call to DynamoDB did not say what it cost.
    pub async fn trace(&self, scenario: &str, orders: u64, carts: &[Cart]) -> Trace {
        let sums = proxy::trace(self.stack).await;
        let invocations = self.invocations(orders, carts).await;
        let messages = self.messages().await;
        let functions = self.design.functions;
        let known = |sum: &&Sum| {
            let caller = self.bare(&sum.caller);
            functions.iter().any(|(name, _)| *name == caller)
        };
        Trace {
            scenario: scenario.to_owned(),
            orders: must_have(NonZeroU64::new(orders)),
            http_requests: orders,
            calls: sums
                .iter()
                .filter(known)
                .filter_map(|sum| self.call(sum))
                .collect(),
            deliveries: self.deliveries(&sums, messages),
            invocations,
            executions: self.executions().await,
        }
    }

    /// How many messages the consumer was handed: its log tells of each batch, ours how many were in
    /// it, the sample's what.
    pub async fn messages(&self) -> u64 {
        let lines = self.lines(self.design.consumer).await;
        let in_batch = |line: &String| {
            let line: Value = serde_json::from_str(line).ok()?;
            let listed = line["Records"]
                .as_array()
                .map(|records| records.len() as u64);
            line["messages"].as_u64().or(listed)
        };
        lines.iter().filter_map(in_batch).sum()
    }

    /// `None` for what is no call of an API: a connection that is opened ahead.
    fn call(&self, sum: &Sum) -> Option<Call> {
        let service: Service = serde_json::from_value(json!(sum.service)).ok()?;
        if service == Service::Dynamodb {
            let ended = sum.calls - sum.failed;
            // The emulator tells nothing of a `BatchGetItem` that finds nothing: who begins to write to
            // a chain that is empty makes one.
            let caller = self.bare(&sum.caller);
            let looks_for_an_end =
                (caller, sum.operation.as_str()) == ("write-audit", "BatchGetItem");
            assert!(
                sum.units_reported == ended || looks_for_an_end,
                "a call without its cost: {sum:?}"
            );
        }
        Some(Call {
            function: self.bare(&sum.caller).to_owned(),
            service,
            operation: sum.operation.clone(),
            resource: self.short(&sum.resource),
            count: sum.calls,
            failed: sum.failed,
            entries: sum.entries as u64,
            read_units: sum.units.read_units,
            write_units: sum.units.write_units,
            request_bytes: sum.request_bytes as u64,
            response_bytes: sum.response_bytes as u64,
        })
    }

    /// A table by its service, the saga by its file, anything else without the stack's name.
    fn short(&self, resource: &str) -> String {
        if self.stack.get("SAGA_ARN").rsplit(':').next() == Some(resource) {
            return "order-saga".to_owned();
        }
        let table = self.stack.environment().iter().find_map(|(name, value)| {
            let service = name.strip_suffix("_TABLE")?;
            (value == resource).then(|| service.to_lowercase())
        });
        table.unwrap_or_else(|| self.bare(resource).to_owned())
    }

    /// Without the stack's name.
    fn bare<'name>(&self, name: &'name str) -> &'name str {
        let prefix = format!("{}-", self.design.stack);
        name.strip_prefix(&prefix).unwrap_or(name)
    }

    async fn invocations(&self, orders: u64, carts: &[Cart]) -> Vec<Invocation> {
        let fixed = self.design.provider_calls.iter();
        let mut provider_calls: BTreeMap<&str, u64> = fixed
            .map(|(function, calls)| (*function, calls * orders))
            .collect();
        for cart in carts {
            for (operation, calls) in faults::calls(self.stack, cart.id()).await {
                let function = match operation.split_once('.') {
                    Some(("payment", _)) => "payments",
                    _ => "shipping",
                };
                *provider_calls.entry(function).or_default() += calls.as_u64().unwrap_or_default();
            }
        }
        let mut rows = Vec::new();
        for (function, trigger) in self.design.functions {
            let lines = self.lines(function).await;
            let runs = lines.iter().filter(|line| line.starts_with("REPORT "));
            let count = NonZeroU64::new(runs.count() as u64);
            let billed = |line: &&String| self.design.platform_lines || line.starts_with('{');
            let own = || lines.iter().filter(billed);
            rows.extend(count.map(|count| Invocation {
                function: (*function).to_owned(),
                trigger: *trigger,
                count,
                instructions: None,
                provider_calls: provider_calls.get(function).copied().unwrap_or_default(),
                log_events: own().count() as u64,
                log_bytes: own().map(|line| line.len() as u64).sum(),
            }));
        }
        rows
    }

    async fn lines(&self, function: &str) -> Vec<String> {
        let group = format!("/aws/lambda/{}-{function}", self.design.stack);
        aws::log_lines(self.stack, &group, self.since_ms).await
    }

    async fn executions(&self) -> Vec<Execution> {
        let mut machines: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for arn in proxy::executions(self.stack).await {
            let input = json!({"executionArn": arn, "maxResults": 1000});
            let history = aws::json_call(
                self.stack,
                "states",
                "AWSStepFunctions.GetExecutionHistory",
                &input,
            )
            .await;
            let events = history["events"].as_array().cloned().unwrap_or_default();
            let kind = |event: &Value| event["type"].as_str().unwrap_or_default().to_owned();
            let entered = events
                .iter()
                .filter(|event| kind(event).ends_with("StateEntered"));
            let machine = arn.split(':').nth(6).unwrap_or_default();
            let sums = machines.entry(self.short(machine)).or_default();
            *sums = (sums.0 + 1, sums.1 + entered.count() as u64);
        }
        let row = |(machine, (count, transitions))| {
            Some(Execution {
                machine,
                kind: self.design.kind,
                count: NonZeroU64::new(count)?,
                transitions,
            })
        };
        machines.into_iter().filter_map(row).collect()
    }

    /// What the topic hands on is as long as everything that it gets, on average.
    fn deliveries(&self, sums: &[Sum], messages: u64) -> Vec<Delivery> {
        let published = sums
            .iter()
            .filter(|sum| sum.operation.starts_with("Publish"));
        let (bytes, entries) = published.fold((0, 0), |(bytes, entries), sum| {
            let of_batch = sum.entries as u64;
            let entered = if of_batch == 0 { sum.calls } else { of_batch };
            (bytes + sum.request_bytes as u64, entries + entered)
        });
        let (topic, queue) = self.design.delivery;
        vec![Delivery {
            topic: topic.to_owned(),
            queue: queue.to_owned(),
            count: messages,
            bytes: (bytes * messages).checked_div(entries).unwrap_or_default(),
        }]
    }
}
