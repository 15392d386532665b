//! What all processes know of third parties.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use breaker::{PutError, Row, Share, ShareError};

use super::unavailable;
use crate::lock;

/// The rows of breakers.
#[derive(Clone, Debug, Default)]
pub struct FakeBreakers(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    rows: BTreeMap<String, Row>,
    calls: usize,
    failing: bool,
}

impl Inner {
    fn called(&mut self) -> Result<(), ShareError> {
        self.calls += 1;
        match self.failing {
            true => Err(ShareError(Box::new(unavailable()))),
            false => Ok(()),
        }
    }
}

impl FakeBreakers {
    /// How often the rows were read or written.
    pub fn calls(&self) -> usize {
        lock(&self.0).calls
    }

    /// Lets every call find the rows unavailable from now on, or no longer.
    pub fn fail(&self, failing: bool) {
        lock(&self.0).failing = failing;
    }

    /// What is stored of a third party.
    pub fn row(&self, name: &str) -> Row {
        lock(&self.0).rows.get(name).cloned().unwrap_or_default()
    }
}

impl Share for FakeBreakers {
    async fn breaker(&self, name: &str) -> Result<Row, ShareError> {
        lock(&self.0).called()?;
        Ok(self.row(name))
    }

    async fn put_breaker(&self, name: &str, row: &Row) -> Result<(), PutError> {
        let mut inner = lock(&self.0);
        inner.called().map_err(PutError::Share)?;
        let stored = inner.rows.entry(name.to_owned()).or_default();
        if stored.version != row.version {
            return Err(PutError::Taken(stored.clone()));
        }
        *stored = row.clone();
        stored.version += 1;
        Ok(())
    }
}
