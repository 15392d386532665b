//! Rows of limits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use limits::{CounterError, Counters, Refused, Row, Update};

use super::unavailable;
use crate::lock;

/// The rows, and how often they were asked.
#[derive(Clone, Debug, Default)]
pub struct FakeCounters(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    rows: HashMap<String, Row>,
    calls: usize,
    fails: bool,
}

impl FakeCounters {
    /// How many calls there were, of both kinds.
    pub fn calls(&self) -> usize {
        self.lock().calls
    }

    /// The keys that something is held under, in order.
    pub fn keys(&self) -> Vec<String> {
        let mut keys: Vec<_> = self.lock().rows.keys().cloned().collect();
        keys.sort();
        keys
    }

    /// From now on every call fails, or none.
    pub fn fail(&self, fails: bool) {
        self.lock().fails = fails;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.0)
    }

    fn called(&self) -> Result<MutexGuard<'_, Inner>, CounterError> {
        let mut inner = self.lock();
        inner.calls += 1;
        match inner.fails {
            true => Err(CounterError(Box::new(unavailable()))),
            false => Ok(inner),
        }
    }
}

impl Counters for FakeCounters {
    async fn row(&self, key: &str) -> Result<Row, CounterError> {
        let inner = self.called()?;
        Ok(inner.rows.get(key).cloned().unwrap_or_default())
    }

    async fn change(&self, key: &str, update: &Update) -> Result<Row, Refused> {
        let mut inner = self.called().map_err(Refused::Error)?;
        let mut row = inner.rows.get(key).cloned().unwrap_or_default();
        if !row.make(update) {
            return Err(Refused::Row(row));
        }
        inner.rows.insert(key.to_owned(), row.clone());
        Ok(row)
    }
}
