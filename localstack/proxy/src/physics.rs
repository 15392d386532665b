//! Physics: what DynamoDB does to calls and emulators do not. All of it is off at first.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::refused::Refused;

/// A slip of the pen, not a latency.
const LONGEST_MS: u64 = 24 * 60 * 60 * 1000;

/// Which limits are played. The default plays none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Physics {
    /// Whether an item that a transaction writes, from its arrival until its answer, is refused
    /// to all other writes.
    pub transaction_conflicts: bool,
    /// How many write units a second one item takes; none for any number. DynamoDB: 1000.
    pub item_write_units_per_second: Option<f64>,
    /// How long every call waits before it is passed on.
    pub latency_ms: u64,
    /// The same for the calls to one service, in place of the general one.
    pub service_latency_ms: BTreeMap<String, u64>,
}

impl Physics {
    pub(crate) fn check(&self) -> Result<(), Refused> {
        let rate = self.item_write_units_per_second;
        if rate.is_some_and(|rate| !rate.is_finite() || rate <= 0.0) {
            return Err(Refused::Rate);
        }
        let mut delays = self.service_latency_ms.values().chain([&self.latency_ms]);
        if delays.any(|delay| *delay > LONGEST_MS) {
            return Err(Refused::Latency);
        }
        Ok(())
    }

    /// Whether it matters which items a call writes.
    pub(crate) fn limits_writes(&self) -> bool {
        self.transaction_conflicts || self.item_write_units_per_second.is_some()
    }

    pub(crate) fn latency(&self, service: &str) -> Duration {
        let own = self.service_latency_ms.get(service);
        Duration::from_millis(*own.unwrap_or(&self.latency_ms))
    }
}
