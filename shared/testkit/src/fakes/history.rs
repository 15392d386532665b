//! The full history of notifications in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use domain::ports::{KeepHistory, ReadHistory, Reader, StoreError};
use domain::{CustomerId, Notification, TenantId};

use super::unavailable;
use crate::lock;

type Whose = (TenantId, CustomerId);

/// The full history of what readers were told.
#[derive(Clone, Debug, Default)]
pub struct FakeHistory(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    readers: BTreeMap<Whose, Past>,
    state: State,
    asked: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Up,
    Away,
    Silent,
}

#[derive(Debug, Default)]
struct Past {
    told: BTreeMap<u64, Notification>,
    read: BTreeSet<u64>,
    closed: bool,
}

fn whose((tenant, customer): Reader<'_>) -> Whose {
    (tenant.clone(), customer.clone())
}

impl FakeHistory {
    /// From now on the database is away, or back.
    pub fn set_away(&self, away: bool) {
        lock(&self.0).state = match away {
            true => State::Away,
            false => State::Up,
        };
    }

    /// From now on nothing is answered at all.
    pub fn fall_silent(&self) {
        lock(&self.0).state = State::Silent;
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        lock(&self.0).asked
    }

    /// The numbers that it has of a reader, in order.
    pub fn numbers_of(&self, reader: Reader<'_>) -> Vec<u64> {
        let inner = lock(&self.0);
        let past = inner.readers.get(&whose(reader));
        past.map(|past| past.told.keys().copied().collect())
            .unwrap_or_default()
    }

    async fn asking(&self) -> Result<MutexGuard<'_, Inner>, StoreError> {
        let state = {
            let mut inner = lock(&self.0);
            inner.asked += 1;
            inner.state
        };
        match state {
            State::Up => Ok(lock(&self.0)),
            State::Away => Err(unavailable()),
            State::Silent => std::future::pending().await,
        }
    }
}

impl Inner {
    /// The history of a reader, if it is open.
    fn open(&mut self, reader: Reader<'_>) -> Option<&mut Past> {
        let past = self.readers.entry(whose(reader)).or_default();
        (!past.closed).then_some(past)
    }
}

impl KeepHistory for FakeHistory {
    async fn remember(
        &self,
        reader: Reader<'_>,
        notification: &Notification,
    ) -> Result<(), StoreError> {
        if let Some(past) = self.asking().await?.open(reader) {
            let number = notification.number;
            let told = past.told.entry(number);
            told.or_insert_with(|| notification.clone());
            past.read.extend(notification.read.then_some(number));
        }
        Ok(())
    }

    async fn close_history(&self, reader: Reader<'_>) -> Result<(), StoreError> {
        let closed = Past {
            closed: true,
            ..Past::default()
        };
        self.asking().await?.readers.insert(whose(reader), closed);
        Ok(())
    }
}

impl ReadHistory for FakeHistory {
    async fn remembered(
        &self,
        reader: Reader<'_>,
        from: u64,
        count: usize,
    ) -> Result<Vec<Notification>, StoreError> {
        let numbers: Vec<u64> = (from..).take(count.min(100)).collect();
        let inner = self.asking().await?;
        let Some(past) = inner.readers.get(&whose(reader)) else {
            return Ok(Vec::new());
        };
        let found = numbers.iter().filter_map(|it| past.told.get(it));
        let marked = found.map(|it| Notification {
            read: past.read.contains(&it.number),
            ..it.clone()
        });
        Ok(marked.collect())
    }

    async fn mark_remembered(&self, reader: Reader<'_>, numbers: &[u64]) -> Result<(), StoreError> {
        if let Some(past) = self.asking().await?.open(reader) {
            past.read.extend(numbers);
        }
        Ok(())
    }
}
