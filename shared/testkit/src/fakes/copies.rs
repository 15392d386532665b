//! What other services have of profiles.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use domain::ports::{KeepCopies, KeepDestinations, ListCopies, SaveError, StoreError};
use domain::{CustomerId, DestinationName, DestinationState, ProfileCopy};
use jiff::Timestamp;

use super::{Fault, unavailable};
use crate::lock;

type Rows = BTreeMap<(DestinationName, CustomerId), ProfileCopy>;

/// The rows of copies.
#[derive(Clone, Debug, Default)]
pub struct FakeCopies(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    rows: Rows,
    /// The lists: which of them are behind, by the next try.
    due: BTreeMap<DestinationName, BTreeSet<(Timestamp, CustomerId)>>,
    states: Vec<DestinationState>,
    failing: bool,
    faults: VecDeque<Option<Fault>>,
}

impl Inner {
    fn answers(&self) -> Result<(), StoreError> {
        match self.failing {
            true => Err(unavailable()),
            false => Ok(()),
        }
    }

    fn save(&mut self, mut copy: ProfileCopy) -> Result<ProfileCopy, SaveError<ProfileCopy>> {
        let key = (copy.destination.clone(), copy.owner.clone());
        let stored = self.rows.get(&key).cloned();
        let expected = copy.version;
        copy.version += 1;
        if stored.as_ref() == Some(&copy) {
            return Ok(copy);
        }
        if stored.as_ref().map_or(0, |stored| stored.version) != expected {
            return Err(SaveError::Conflict(stored.map(Box::new)));
        }
        if let Some(before) = stored.as_ref().and_then(entry) {
            self.list(&copy).remove(&before);
        }
        if let Some(entry) = entry(&copy) {
            self.list(&copy).insert(entry);
        }
        self.rows.insert(key, copy.clone());
        Ok(copy)
    }

    fn list(&mut self, copy: &ProfileCopy) -> &mut BTreeSet<(Timestamp, CustomerId)> {
        self.due.entry(copy.destination.clone()).or_default()
    }
}

/// Where it stands in the list of its service, if it is behind.
fn entry(copy: &ProfileCopy) -> Option<(Timestamp, CustomerId)> {
    Some((copy.next_try?, copy.owner.clone()))
}

impl FakeCopies {
    /// Lets every call find the store unavailable from now on, or no longer.
    pub fn fail(&self, failing: bool) {
        lock(&self.0).failing = failing;
    }

    /// Lets a row be written with a fault after so many without.
    pub fn fail_write_after(&self, writes: usize, fault: Fault) {
        let good = std::iter::repeat_n(None, writes);
        lock(&self.0).faults.extend(good.chain([Some(fault)]));
    }

    /// All rows.
    pub fn all(&self) -> Vec<ProfileCopy> {
        lock(&self.0).rows.values().cloned().collect()
    }
}

impl KeepCopies for FakeCopies {
    async fn copy_of(
        &self,
        destination: &DestinationName,
        owner: &CustomerId,
    ) -> Result<ProfileCopy, StoreError> {
        let inner = lock(&self.0);
        inner.answers()?;
        let key = (destination.clone(), owner.clone());
        let stored = inner.rows.get(&key).cloned();
        Ok(stored.unwrap_or_else(|| ProfileCopy::none(destination.clone(), owner.clone())))
    }

    async fn save_copy(&self, copy: ProfileCopy) -> Result<ProfileCopy, SaveError<ProfileCopy>> {
        let mut inner = lock(&self.0);
        inner.answers()?;
        match inner.faults.pop_front().flatten() {
            Some(Fault::FailBefore) => Err(unavailable().into()),
            Some(Fault::AppliedButError) => {
                inner.save(copy)?;
                Err(unavailable().into())
            }
            Some(Fault::Conflict) => Err(SaveError::Conflict(None)),
            None => inner.save(copy),
        }
    }
}

impl ListCopies for FakeCopies {
    async fn copies_due(
        &self,
        destination: &DestinationName,
        before: Timestamp,
        limit: u16,
    ) -> Result<Vec<CustomerId>, StoreError> {
        let inner = lock(&self.0);
        inner.answers()?;
        let list = inner.due.get(destination).into_iter().flatten();
        let due = list.take_while(|(next, _)| *next < before);
        let owners = due.map(|(_, owner)| owner.clone());
        Ok(owners.take(limit.into()).collect())
    }

    async fn behind(&self, destination: &DestinationName, most: u32) -> Result<u32, StoreError> {
        let inner = lock(&self.0);
        inner.answers()?;
        let behind = inner.due.get(destination).map_or(0, BTreeSet::len);
        Ok(u32::try_from(behind).unwrap_or(most).min(most))
    }
}

impl KeepDestinations for FakeCopies {
    async fn destinations(&self) -> Result<Vec<DestinationState>, StoreError> {
        let inner = lock(&self.0);
        inner.answers()?;
        Ok(inner.states.clone())
    }

    async fn save_destinations(&self, states: &[DestinationState]) -> Result<(), StoreError> {
        let mut inner = lock(&self.0);
        inner.answers()?;
        inner.states = states.to_vec();
        Ok(())
    }
}
