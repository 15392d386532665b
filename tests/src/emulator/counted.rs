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

/// The functions that an order invokes, and by what.
const FUNCTIONS: [(&str, Trigger); 8] = [
    ("inventory", Trigger::Task),
    ("notify", Trigger::Queue),
    ("orders", Trigger::Task),
    ("payments", Trigger::Task),
    ("place-order", Trigger::Http),
    ("publish-events", Trigger::Stream),
    ("shipping", Trigger::Task),
    ("start-saga", Trigger::Stream),
];

/// Counts from here on.
#[derive(Debug)]
pub struct Counting<'stack> {
    stack: &'stack Stack,
    since_ms: i64,
}

impl<'stack> Counting<'stack> {
    /// Begins.
    pub async fn start(stack: &'stack Stack) -> Self {
        proxy::forget(stack).await;
        let since_ms = now().as_millisecond();
        Self { stack, since_ms }
    }

    /// What was counted since, while only these orders were under way.
    ///
    /// # Panics
    /// When a call to DynamoDB did not say what it cost.
    pub async fn trace(&self, scenario: &str, carts: &[Cart]) -> Trace {
        let sums = proxy::trace(self.stack).await;
        let invocations = self.invocations(carts).await;
        let told = invocations.iter().find(|row| row.function == "notify");
        let messages = told.map_or(0, |row| row.count.get());
        let known = |sum: &&Sum| FUNCTIONS.iter().any(|(name, _)| *name == sum.caller);
        Trace {
            scenario: scenario.to_owned(),
            orders: must_have(NonZeroU64::new(carts.len() as u64)),
            http_requests: carts.len() as u64,
            calls: sums
                .iter()
                .filter(known)
                .filter_map(|sum| self.call(sum))
                .collect(),
            deliveries: delivery(&sums, messages),
            invocations,
            executions: self.executions().await,
        }
    }

    /// `None` for what is no call of an API: a connection that is opened ahead.
    fn call(&self, sum: &Sum) -> Option<Call> {
        let service: Service = serde_json::from_value(json!(sum.service)).ok()?;
        if service == Service::Dynamodb {
            let ended = sum.calls - sum.failed;
            assert_eq!(
                sum.units_reported, ended,
                "a call without its cost: {sum:?}"
            );
        }
        Some(Call {
            function: sum.caller.clone(),
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
        if self.stack.get("SAGA_ARN").ends_with(resource) {
            return "order-saga".to_owned();
        }
        let table = self.stack.environment().iter().find_map(|(name, value)| {
            let service = name.strip_suffix("_TABLE")?;
            (value == resource).then(|| service.to_lowercase())
        });
        let prefix = format!("{}-", self.stack.get("CARTWRIGHT_STACK"));
        let bare = resource.strip_prefix(&prefix).unwrap_or(resource);
        table.unwrap_or_else(|| bare.to_owned())
    }

    async fn invocations(&self, carts: &[Cart]) -> Vec<Invocation> {
        let mut provider_calls: BTreeMap<&str, u64> = BTreeMap::new();
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
        for (function, trigger) in FUNCTIONS {
            let lines = self.lines(function).await;
            let runs = lines
                .iter()
                .filter(|line| line.starts_with("REPORT "))
                .count();
            let own = || lines.iter().filter(|line| line.starts_with('{'));
            rows.extend(NonZeroU64::new(runs as u64).map(|count| Invocation {
                function: function.to_owned(),
                trigger,
                count,
                instructions: None,
                provider_calls: provider_calls.get(function).copied().unwrap_or_default(),
                log_events: own().count() as u64,
                log_bytes: own().map(|line| line.len() as u64).sum(),
            }));
        }
        rows
    }

    /// What a function wrote, the emulator's own lines about its invocations included.
    async fn lines(&self, function: &str) -> Vec<String> {
        let group = format!("/aws/lambda/{}", self.stack.function(function));
        let mut lines = Vec::new();
        let mut next = Value::Null;
        loop {
            let mut input = json!({"logGroupName": group, "startTime": self.since_ms});
            if next.is_string() {
                input["nextToken"] = next;
            }
            let page =
                aws::json_call(self.stack, "logs", "Logs_20140328.FilterLogEvents", &input).await;
            let events = page["events"].as_array().cloned().unwrap_or_default();
            let text = |event: &Value| event["message"].as_str().map(|text| text.trim().to_owned());
            lines.extend(events.iter().filter_map(text));
            next = page["nextToken"].clone();
            if next.is_null() {
                return lines;
            }
        }
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
                kind: Kind::Express,
                count: NonZeroU64::new(count)?,
                transitions,
            })
        };
        machines.into_iter().filter_map(row).collect()
    }
}

/// The topic hands on the events of orders only; they are as long as others on average.
fn delivery(sums: &[Sum], messages: u64) -> Vec<Delivery> {
    let published = sums.iter().filter(|sum| sum.operation == "PublishBatch");
    let (bytes, entries) = published.fold((0, 0), |(bytes, entries), sum| {
        (
            bytes + sum.request_bytes as u64,
            entries + sum.entries as u64,
        )
    });
    vec![Delivery {
        topic: "events.fifo".to_owned(),
        queue: "notify.fifo".to_owned(),
        count: messages,
        bytes: (bytes * messages).checked_div(entries).unwrap_or_default(),
    }]
}
