//! The calls summed by who called what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ledger::Call;
use crate::units::Units;

/// All calls of one caller to one operation on one resource.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sum {
    /// As in [`Call`].
    pub caller: String,
    /// As in [`Call`].
    pub service: String,
    /// As in [`Call`].
    pub operation: String,
    /// As in [`Call`].
    pub resource: String,
    /// How many there were.
    pub calls: u64,
    /// How many of them were answered with an error, or with nothing.
    pub failed: u64,
    /// How many were answered, or cut off, by the proxy itself.
    pub answered_here: u64,
    /// The errors by their codes.
    pub errors: BTreeMap<String, u64>,
    /// Bytes of the requests' bodies.
    pub request_bytes: usize,
    /// Bytes of the answers' bodies.
    pub response_bytes: usize,
    /// Units of DynamoDB.
    #[serde(flatten)]
    pub units: Units,
    /// Successful calls whose answers reported units.
    pub units_reported: u64,
    /// Entries, items, keys or log events.
    pub entries: usize,
    /// Bytes of the messages of log events.
    pub message_bytes: usize,
}

/// Caller, service, operation, resource.
type Key = (String, String, String, String);

#[derive(Debug, Default)]
pub(crate) struct Trace(BTreeMap<Key, Sum>);

impl Trace {
    pub(crate) fn add(&mut self, call: &Call) {
        let key = (
            call.caller.clone(),
            call.service.clone(),
            call.operation.clone(),
            call.resource.clone(),
        );
        self.0.entry(key).or_default().add(call);
    }

    /// In the order of caller, service, operation and resource.
    pub(crate) fn sums(&self) -> Vec<Sum> {
        let named = |(key, sum): (&Key, &Sum)| {
            let (caller, service, operation, resource) = key.clone();
            Sum {
                caller,
                service,
                operation,
                resource,
                ..sum.clone()
            }
        };
        self.0.iter().map(named).collect()
    }
}

impl Sum {
    fn add(&mut self, call: &Call) {
        self.calls += 1;
        self.failed += u64::from(call.failed());
        self.answered_here += u64::from(call.answered_here);
        if let Some(error) = &call.error {
            *self.errors.entry(error.clone()).or_default() += 1;
        }
        self.request_bytes += call.request_bytes;
        self.response_bytes += call.response_bytes;
        self.units.add(&call.units);
        self.units_reported += u64::from(call.units_reported);
        self.entries += call.entries;
        self.message_bytes += call.message_bytes;
    }
}
