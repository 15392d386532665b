//! Counts requests by operation and order, answered or not, since the program started.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::operation::{Operation, Subject};

#[derive(Debug, Default)]
pub(crate) struct Calls(Mutex<BTreeMap<(Operation, Option<String>), u64>>);

impl Calls {
    pub(crate) fn count(&self, subject: &Subject) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = counts.entry((subject.operation, subject.order_id.clone()));
        *slot.or_default() += 1;
    }

    /// Calls per operation, of one order or of all.
    pub(crate) fn totals(&self, order_id: Option<&str>) -> BTreeMap<&'static str, u64> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut totals = BTreeMap::new();
        for ((operation, order), count) in counts.iter() {
            if order_id.is_none() || order.as_deref() == order_id {
                *totals.entry(operation.name()).or_default() += count;
            }
        }
        totals
    }
}
