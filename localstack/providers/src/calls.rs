//! Counts requests by operation and what they are about, answered or not, since the program started.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::operation::{Operation, Subject};

#[derive(Debug, Default)]
pub(crate) struct Calls(Mutex<BTreeMap<(Operation, Option<String>), u64>>);

impl Calls {
    pub(crate) fn count(&self, subject: &Subject) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = counts.entry((subject.operation, subject.about.clone()));
        *slot.or_default() += 1;
    }

    /// Calls per operation, about one thing (an order, a number, a user) or about all.
    pub(crate) fn totals(&self, about: Option<&str>) -> BTreeMap<&'static str, u64> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut totals = BTreeMap::new();
        for ((operation, subject), count) in counts.iter() {
            if about.is_none() || subject.as_deref() == about {
                *totals.entry(operation.name()).or_default() += count;
            }
        }
        totals
    }
}
