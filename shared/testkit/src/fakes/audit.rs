//! Chains of the audit log.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use audit::{AppendError, Entry, KeepAnchors, KeepChains, Shard};
use domain::ports::StoreError;

use super::{Fault, unavailable};
use crate::lock;

/// The audit table.
#[derive(Clone, Debug, Default)]
pub struct FakeChains(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    entries: BTreeMap<(Shard, u64), Entry>,
    messages: BTreeSet<String>,
    reads: usize,
    faults: VecDeque<Option<Fault>>,
}

impl Inner {
    fn put(&mut self, entry: &Entry) -> Result<(), AppendError<StoreError>> {
        let place = (entry.shard, entry.position);
        if self.messages.contains(&entry.record.message) {
            return Err(AppendError::Recorded);
        }
        if self.entries.contains_key(&place) {
            return Err(AppendError::Taken);
        }
        self.messages.insert(entry.record.message.clone());
        self.entries.insert(place, entry.clone());
        Ok(())
    }
}

impl FakeChains {
    /// All entries, chain by chain.
    pub fn all(&self) -> Vec<Entry> {
        lock(&self.0).entries.values().cloned().collect()
    }

    /// How many positions were read.
    pub fn reads(&self) -> usize {
        lock(&self.0).reads
    }

    /// Replaces what stands at the entry's position, as nobody may.
    pub fn tamper(&self, entry: Entry) {
        let place = (entry.shard, entry.position);
        lock(&self.0).entries.insert(place, entry);
    }

    /// Removes what stands at a position, as nobody may.
    pub fn remove(&self, shard: Shard, position: u64) {
        lock(&self.0).entries.remove(&(shard, position));
    }

    /// Lets the next write go wrong; several queue up.
    pub fn fail_next_write(&self, fault: Fault) {
        self.fail_write_after(0, fault);
    }

    /// Lets a write go wrong after so many that do not.
    pub fn fail_write_after(&self, writes: usize, fault: Fault) {
        let good = std::iter::repeat_n(None, writes);
        lock(&self.0).faults.extend(good.chain([Some(fault)]));
    }
}

impl KeepChains for FakeChains {
    type Error = StoreError;

    async fn append(&self, entry: &Entry) -> Result<(), AppendError<StoreError>> {
        let mut inner = lock(&self.0);
        match inner.faults.pop_front().flatten() {
            Some(Fault::FailBefore) => Err(unavailable().into()),
            Some(Fault::AppliedButError) => {
                inner.put(entry)?;
                Err(unavailable().into())
            }
            Some(Fault::Conflict) => Err(AppendError::Taken),
            None => inner.put(entry),
        }
    }

    async fn entries(
        &self,
        shard: Shard,
        first: u64,
        count: usize,
    ) -> Result<Vec<Option<Entry>>, StoreError> {
        let mut inner = lock(&self.0);
        let count = count.min(Self::PAGE);
        inner.reads += count;
        let places = (first..).take(count);
        let entry = |position| inner.entries.get(&(shard, position)).cloned();
        Ok(places.map(entry).collect())
    }

    async fn place_of(&self, message: &str) -> Result<Option<(Shard, u64)>, StoreError> {
        let inner = lock(&self.0);
        let mut entries = inner.entries.iter();
        let found = entries.find(|(_, entry)| entry.record.message == message);
        Ok(found.map(|(place, _)| *place))
    }

    async fn erase(&self, shard: Shard, position: u64) -> Result<(), StoreError> {
        if let Some(entry) = lock(&self.0).entries.get_mut(&(shard, position)) {
            entry.record.erase();
        }
        Ok(())
    }
}

/// The bucket of anchors.
#[derive(Clone, Debug, Default)]
pub struct FakeAnchors(Arc<Mutex<BTreeMap<String, String>>>);

impl FakeAnchors {
    /// All anchors by name, the newest first.
    pub fn all(&self) -> BTreeMap<String, String> {
        lock(&self.0).clone()
    }

    /// Replaces an anchor, as nobody may.
    pub fn tamper(&self, name: &str, text: &str) {
        lock(&self.0).insert(name.to_owned(), text.to_owned());
    }
}

impl KeepAnchors for FakeAnchors {
    type Error = StoreError;

    async fn newest(&self) -> Result<Option<String>, StoreError> {
        let kept = lock(&self.0);
        Ok(kept.first_key_value().map(|(_, text)| text.clone()))
    }

    async fn keep(&self, name: &str, text: &str) -> Result<(), StoreError> {
        let mut kept = lock(&self.0);
        kept.entry(name.to_owned())
            .or_insert_with(|| text.to_owned());
        Ok(())
    }
}
