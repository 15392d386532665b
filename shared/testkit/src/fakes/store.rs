//! Any aggregate of one order in memory, with versions, conflicts and faults.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard};

use domain::ports::{
    Inbox, ListGaps, Load, NoteAuthor, RememberNews, Save, SaveError, StoreError, SweepMark,
};
use domain::{Aggregate, Author, NewsId, OrderId, Sequence, Taken};
use jiff::Timestamp;

use super::inbox::Inboxes;
use super::{Fault, unavailable};
use crate::lock;

/// A store of one kind of aggregate.
#[derive(Clone, Debug)]
pub struct FakeStore<A> {
    inner: Arc<Mutex<Inner<A>>>,
    author: Option<Author>,
}

#[derive(Debug)]
struct Inner<A> {
    stored: BTreeMap<OrderId, A>,
    history: Vec<A>,
    authors: Vec<Option<Author>>,
    faults: VecDeque<Option<Fault>>,
    meanwhile: VecDeque<A>,
    failing_reads: u32,
    reads: usize,
    mark: Option<SweepMark>,
    news: BTreeMap<String, Timestamp>,
    inboxes: Inboxes,
}

impl<A> Default for FakeStore<A> {
    fn default() -> Self {
        Self {
            inner: Arc::new(Mutex::new(Inner {
                stored: BTreeMap::new(),
                history: Vec::new(),
                authors: Vec::new(),
                faults: VecDeque::new(),
                meanwhile: VecDeque::new(),
                failing_reads: 0,
                reads: 0,
                mark: None,
                news: BTreeMap::new(),
                inboxes: Inboxes::default(),
            })),
            author: None,
        }
    }
}

/// Why a write with something beside it did not happen.
pub(super) enum WriteError<A: Debug, E> {
    Save(SaveError<A>),
    Beside(E),
}

impl<A: Aggregate<Id = OrderId> + Debug> FakeStore<A> {
    /// Stores an aggregate that a test begins with.
    #[must_use]
    pub fn with(self, aggregate: A) -> Self {
        self.lock().keep(aggregate);
        self
    }

    /// What is stored for an order.
    pub fn get(&self, id: OrderId) -> Option<A> {
        self.lock().stored.get(&id).cloned()
    }

    /// All that is stored, by id.
    pub fn all(&self) -> Vec<A> {
        self.lock().stored.values().cloned().collect()
    }

    /// Every version that was ever stored, oldest first.
    pub fn history(&self) -> Vec<A> {
        self.lock().history.clone()
    }

    /// Who made each write that was asked for, oldest first.
    pub fn authors(&self) -> Vec<Option<Author>> {
        self.lock().authors.clone()
    }

    /// How often something was stored.
    pub fn writes(&self) -> usize {
        self.lock().history.len()
    }

    /// How often something was read.
    pub fn reads(&self) -> usize {
        self.lock().reads
    }

    /// News that were taken in, by id, and until when they are remembered.
    pub fn news(&self) -> BTreeMap<String, Timestamp> {
        self.lock().news.clone()
    }

    /// The last sequence applied of an aggregate of another kind.
    pub fn applied_of(&self, aggregate: &str) -> Sequence {
        self.lock().inboxes.taken(aggregate).applied
    }

    pub(super) fn mark(&self) -> Option<SweepMark> {
        self.lock().mark.clone()
    }

    pub(super) fn set_mark(&self, mark: SweepMark) {
        self.lock().mark = Some(mark);
    }

    /// Lets the next write go wrong; several queue up.
    pub fn fail_next_write(&self, fault: Fault) {
        self.fail_write_after(0, fault);
    }

    /// Lets a write go wrong after so many that do not; those of an inbox count too.
    pub fn fail_write_after(&self, writes: usize, fault: Fault) {
        let good = std::iter::repeat_n(None, writes);
        self.lock().faults.extend(good.chain([Some(fault)]));
    }

    /// Lets the next read find the store unavailable.
    pub fn fail_next_read(&self) {
        self.lock().failing_reads += 1;
    }

    /// Lets somebody else store this just before the next write.
    pub fn meanwhile(&self, aggregate: A) {
        self.lock().meanwhile.push_back(aggregate);
    }

    /// One write. What happens beside it can refuse it.
    pub(super) fn write<E>(
        &self,
        mut aggregate: A,
        beside: impl FnOnce(&A) -> Result<(), E>,
    ) -> Result<A, WriteError<A, E>> {
        let mut inner = self.lock();
        if let Some(other) = inner.meanwhile.pop_front() {
            inner.keep(other);
        }
        let fault = inner.faults.pop_front().flatten();
        if fault == Some(Fault::FailBefore) {
            return Err(WriteError::Save(unavailable().into()));
        }
        let stored = inner.stored.get(&aggregate.id());
        let version = stored.map_or(0, |stored| stored.changes().stored_version());
        if fault == Some(Fault::Conflict) || aggregate.changes().stored_version() != version {
            let stored = stored.cloned().map(Box::new);
            return Err(WriteError::Save(SaveError::Conflict(stored)));
        }
        beside(&aggregate).map_err(WriteError::Beside)?;
        inner.keep(aggregate.clone());
        inner.authors.push(self.author.clone());
        if fault == Some(Fault::AppliedButError) {
            return Err(WriteError::Save(unavailable().into()));
        }
        aggregate.changes_mut().saved();
        Ok(aggregate)
    }

    fn lock(&self) -> MutexGuard<'_, Inner<A>> {
        lock(&self.inner)
    }
}

impl<A: Aggregate<Id = OrderId>> Inner<A> {
    fn keep(&mut self, mut aggregate: A) {
        aggregate.changes_mut().saved();
        self.history.push(aggregate.clone());
        self.stored.insert(aggregate.id(), aggregate);
    }
}

impl<A> NoteAuthor for FakeStore<A> {
    fn by(&self, author: &Author) -> Self {
        Self {
            inner: self.inner.clone(),
            author: Some(author.clone()),
        }
    }
}

impl<A: Aggregate<Id = OrderId> + Debug> Load<A> for FakeStore<A> {
    async fn load(&self, id: &OrderId) -> Result<Option<A>, StoreError> {
        let mut inner = self.lock();
        inner.reads += 1;
        if inner.failing_reads > 0 {
            inner.failing_reads -= 1;
            return Err(unavailable());
        }
        Ok(inner.stored.get(id).cloned())
    }
}

impl<A: Aggregate<Id = OrderId> + Debug> Save<A> for FakeStore<A> {
    async fn save(&self, aggregate: A) -> Result<A, SaveError<A>> {
        let saved = self.write(aggregate, |_| Ok::<(), SaveError<A>>(()));
        saved.map_err(|error| match error {
            WriteError::Save(error) | WriteError::Beside(error) => error,
        })
    }
}

impl<A: Aggregate<Id = OrderId> + Debug> RememberNews for FakeStore<A> {
    async fn is_known(&self, id: &NewsId) -> Result<bool, StoreError> {
        let mut inner = self.lock();
        if inner.failing_reads > 0 {
            inner.failing_reads -= 1;
            return Err(unavailable());
        }
        Ok(inner.news.contains_key(id.as_str()))
    }

    async fn note(&self, id: &NewsId, until: Timestamp) -> Result<(), StoreError> {
        let mut inner = self.lock();
        if inner.faults.front() == Some(&Some(Fault::FailBefore)) {
            inner.faults.pop_front();
            return Err(unavailable());
        }
        inner.news.entry(id.to_string()).or_insert(until);
        Ok(())
    }
}

impl<A: Aggregate<Id = OrderId> + Debug> Inbox for FakeStore<A> {
    async fn taken(&self, aggregate: &str) -> Result<Taken, StoreError> {
        Ok(self.lock().inboxes.taken(aggregate))
    }

    async fn save_taken(&self, aggregate: &str, taken: Taken) -> Result<Taken, SaveError<Taken>> {
        let mut inner = self.lock();
        match inner.faults.pop_front().flatten() {
            Some(Fault::FailBefore) => Err(unavailable().into()),
            Some(Fault::AppliedButError) => {
                inner.inboxes.save(aggregate, taken)?;
                Err(unavailable().into())
            }
            Some(Fault::Conflict) => Err(SaveError::Conflict(None)),
            None => inner.inboxes.save(aggregate, taken),
        }
    }
}

impl<A: Aggregate<Id = OrderId> + Debug> ListGaps for FakeStore<A> {
    async fn gaps_due(&self, before: Timestamp, limit: u16) -> Result<Vec<String>, StoreError> {
        Ok(self.lock().inboxes.due(before, limit))
    }
}
