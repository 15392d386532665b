//! The ledger: one row for each call, in the order of their answers.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::outcome::Outcome;
use crate::reading::Reading;
use crate::subject::Subject;
use crate::trace::{Sum, Trace};
use crate::units::Units;
use crate::work;

/// How many rows are kept; the sums know of all calls.
const ROWS: usize = 200_000;

/// One call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Call {
    /// Counts the answers since the start or the last forgetting, from 1.
    pub number: u64,
    /// When it came, in milliseconds since the proxy started.
    pub at_ms: f64,
    /// How long the caller waited, in milliseconds.
    pub took_ms: f64,
    /// `dynamodb`, `states`, `sqs`, …
    pub service: String,
    /// The name of the API operation, or method and path.
    pub operation: String,
    /// Table (several joined by `+`), queue, topic, state machine or log group; empty for none.
    pub resource: String,
    /// The application name of the caller's SDK; empty for none.
    pub caller: String,
    /// Status of upstream's answer, or of the proxy's own; none if there was neither.
    pub status: Option<u16>,
    /// The error's code, without its namespace.
    pub error: Option<String>,
    /// Bytes of the request's body.
    pub request_bytes: usize,
    /// Bytes of the answer's body.
    pub response_bytes: usize,
    /// What DynamoDB reports; all zero for the other services.
    #[serde(flatten)]
    pub units: Units,
    /// Whether the answer reported units. Without them the sums are too low.
    pub units_reported: bool,
    /// Entries, items, keys or log events of a batch; 0 for a call that is none.
    pub entries: usize,
    /// Bytes of the messages of log events.
    pub message_bytes: usize,
    /// The execution that `StartExecution` answered.
    pub execution: Option<Execution>,
    /// What the proxy did to the call, other than passing it on.
    pub interference: Option<Interference>,
    /// Whether the proxy answered, or cut the call off, in place of upstream. Only if upstream was
    /// unreachable may the call have had an effect all the same.
    pub answered_here: bool,
}

/// An execution of a state machine, so that its history can be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Execution {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The name of its state machine.
    pub machine: String,
}

/// What the proxy did to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Interference {
    /// A fault: answered as throttled.
    Throttle,
    /// A fault: answered with 500.
    Error500,
    /// A fault: passed on, and the connection closed without an answer.
    LostAnswer,
    /// A fault: the connection closed, nothing passed on.
    Drop,
    /// A fault: passed on, and answered late.
    Slow,
    /// Physics: refused, because an item was part of a transaction, or being written, just then.
    TransactionConflict,
    /// Physics: refused, because an item is written too often.
    ItemThrottle,
    /// Upstream gave no answer.
    Unreachable,
}

/// The rows that are kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Calls {
    /// How many older rows were dropped.
    pub dropped: u64,
    /// In the order of the answers.
    pub calls: Vec<Call>,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    count: u64,
    rows: VecDeque<Arc<Call>>,
    trace: Trace,
}

impl Interference {
    /// Whether it is in place of upstream's answer.
    pub(crate) fn answers(self) -> bool {
        !matches!(self, Self::LostAnswer | Self::Slow)
    }
}

impl Call {
    pub(crate) fn new(subject: Subject, reading: Reading, outcome: &Outcome) -> Self {
        let answer = outcome.answer.as_ref();
        Self {
            number: 0,
            at_ms: 0.0,
            took_ms: 0.0,
            status: answer.map(|answer| answer.status.as_u16()),
            error: reading.error,
            request_bytes: 0,
            response_bytes: answer.map_or(0, |answer| answer.body.len()),
            units: reading.units,
            units_reported: reading.consumed.is_some(),
            entries: work::entries(&subject.content),
            message_bytes: work::message_bytes(&subject.content),
            execution: reading.execution,
            interference: outcome.interference,
            answered_here: outcome.interference.is_some_and(Interference::answers),
            service: subject.service,
            operation: subject.operation,
            resource: subject.resource,
            caller: subject.caller,
        }
    }

    /// Whether the caller got no success.
    pub(crate) fn failed(&self) -> bool {
        self.status.is_none_or(|status| status >= 400)
    }
}

impl Ledger {
    /// The number of the row.
    pub(crate) fn note(&self, mut call: Call) -> u64 {
        let mut book = self.book();
        book.count += 1;
        call.number = book.count;
        book.trace.add(&call);
        if book.rows.len() == ROWS {
            book.rows.pop_front();
        }
        book.rows.push_back(Arc::new(call));
        book.count
    }

    pub(crate) fn calls(&self) -> Calls {
        let (count, rows) = {
            let book = self.book();
            (book.count, book.rows.clone())
        };
        let kept = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        Calls {
            dropped: count.saturating_sub(kept),
            calls: rows.iter().map(|row| Call::clone(row)).collect(),
        }
    }

    pub(crate) fn trace(&self) -> Vec<Sum> {
        self.book().trace.sums()
    }

    pub(crate) fn forget(&self) {
        *self.book() = Book::default();
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
