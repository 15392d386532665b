//! What was counted while a number of orders went through the shop.

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::physics::Service;

#[cfg(test)]
mod tests;

/// Sums over `orders` orders. Unknown fields are refused: what is not read is not billed.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Trace {
    /// What was run, in words.
    pub scenario: String,
    /// How many orders the sums are of.
    pub orders: NonZeroU64,
    /// Requests to the HTTP API, each of at most 512 KB.
    pub http_requests: u64,
    /// Calls of AWS that functions made.
    pub calls: Vec<Call>,
    pub invocations: Vec<Invocation>,
    pub executions: Vec<Execution>,
    pub deliveries: Vec<Delivery>,
}

/// Calls of one operation on one resource by one function.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The caller, by its folder's name; it has a row among the invocations.
    pub function: String,
    pub service: Service,
    /// As AWS names it, such as `PutItem`.
    pub operation: String,
    /// Table, topic, queue, state machine. A topic or queue whose name ends in `.fifo` is FIFO.
    pub resource: String,
    /// Calls, those that failed included; a batch is one.
    pub count: u64,
    /// Calls that were answered with an error. They are billed like the others.
    pub failed: u64,
    /// Entries of batches; 0 for other calls. Not billed by itself.
    pub entries: u64,
    /// DynamoDB read request units, as `ReturnConsumedCapacity` reports them.
    pub read_units: f64,
    /// DynamoDB write request units, those of indexes and of failed conditions included.
    pub write_units: f64,
    /// Bytes sent. Of SNS and SQS: of message bodies and attributes, because they are billed.
    pub request_bytes: u64,
    /// Bytes received. Not billed.
    pub response_bytes: u64,
}

/// Invocations of one function by one kind of trigger.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Invocation {
    /// The function, by its folder's name.
    pub function: String,
    pub trigger: Trigger,
    /// Invocations; a batch is one.
    pub count: NonZeroU64,
    /// Instructions executed in all of them; `null` when not counted.
    pub instructions: Option<u64>,
    /// Calls of third parties over HTTP.
    pub provider_calls: u64,
    /// Log events written.
    pub log_events: u64,
    /// Bytes of their messages.
    pub log_bytes: u64,
}

/// What invokes a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Trigger {
    /// The HTTP API.
    Http,
    /// A stream of a table.
    Stream,
    /// A state machine, which waits for the answer.
    Task,
    /// A queue.
    Queue,
    /// The clock. It runs whether there are orders or not, so it is no part of an order's cost.
    Schedule,
}

/// Executions of one state machine.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Execution {
    pub machine: String,
    /// As it was deployed when the trace was taken.
    pub kind: Kind,
    pub count: NonZeroU64,
    /// States entered, each retry again.
    pub transitions: u64,
}

/// Type of a state machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Billed by execution and by memory over time.
    Express,
    /// Billed by state transition.
    Standard,
}

/// Messages that a topic delivered to a queue.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Ends in `.fifo` when it is FIFO.
    pub topic: String,
    /// Ends in `.fifo` when it is FIFO.
    pub queue: String,
    /// Messages, after the filter policy.
    pub count: u64,
    /// Bytes of their bodies and attributes.
    pub bytes: u64,
}

/// Why a text is no trace.
#[derive(Debug, Error)]
pub enum TraceError {
    /// Not the JSON of a trace; the cause says where and why.
    #[error("the trace cannot be read")]
    Json(#[source] serde_json::Error),
    /// Units are numbers from zero on.
    #[error("{function}'s {operation} has {units} {kind} units")]
    Units {
        function: String,
        operation: String,
        kind: &'static str,
        units: f64,
    },
    #[error("{function}'s {operation}: {failed} of {count} calls failed")]
    Failed {
        function: String,
        operation: String,
        count: u64,
        failed: u64,
    },
    /// Time and price of a call belong to an invocation.
    #[error("{function} made calls but was never invoked")]
    NeverInvoked { function: String },
    #[error("{function} has two rows for the same trigger")]
    InvokedTwice { function: String },
}

impl Trace {
    /// Reads a trace from JSON and checks that it can be one.
    ///
    /// # Errors
    /// See [`TraceError`].
    pub fn from_json(text: &str) -> Result<Self, TraceError> {
        let trace: Self = serde_json::from_str(text).map_err(TraceError::Json)?;
        trace.check()?;
        Ok(trace)
    }

    /// Checks what types cannot say. A trace built in code is checked by whoever bills it.
    ///
    /// # Errors
    /// See [`TraceError`]; never `Json`.
    pub fn check(&self) -> Result<(), TraceError> {
        for call in &self.calls {
            call.check()?;
            if self.invocations_of(&call.function).next().is_none() {
                let function = call.function.clone();
                return Err(TraceError::NeverInvoked { function });
            }
        }
        for row in &self.invocations {
            let mut same = self.invocations_of(&row.function);
            if same.any(|other| other.trigger == row.trigger && !std::ptr::eq(other, row)) {
                let function = row.function.clone();
                return Err(TraceError::InvokedTwice { function });
            }
        }
        Ok(())
    }

    /// The rows of one function.
    pub(crate) fn invocations_of(&self, function: &str) -> impl Iterator<Item = &Invocation> {
        let rows = self.invocations.iter();
        rows.filter(move |row| row.function == function)
    }

    /// The calls of one function.
    pub(crate) fn calls_of(&self, function: &str) -> impl Iterator<Item = &Call> {
        let calls = self.calls.iter();
        calls.filter(move |call| call.function == function)
    }
}

impl Invocation {
    /// One invocation of which nothing was counted.
    pub(crate) fn unknown(function: &str, trigger: Trigger) -> Self {
        Self {
            function: function.to_owned(),
            trigger,
            count: NonZeroU64::MIN,
            instructions: None,
            provider_calls: 0,
            log_events: 0,
            log_bytes: 0,
        }
    }
}

impl Call {
    fn check(&self) -> Result<(), TraceError> {
        for (kind, units) in [("read", self.read_units), ("write", self.write_units)] {
            if !units.is_finite() || units < 0.0 {
                return Err(TraceError::Units {
                    function: self.function.clone(),
                    operation: self.operation.clone(),
                    kind,
                    units,
                });
            }
        }
        if self.failed > self.count {
            return Err(TraceError::Failed {
                function: self.function.clone(),
                operation: self.operation.clone(),
                count: self.count,
                failed: self.failed,
            });
        }
        Ok(())
    }
}

/// Whether a topic or queue of this name is FIFO.
pub(crate) fn is_fifo(name: &str) -> bool {
    name.ends_with(".fifo")
}
