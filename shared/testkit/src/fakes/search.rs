//! The index: finds exact words and beginnings, without a ranking.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use domain::ports::{IndexCatalogue, Listed, RebuildIndex, SearchCatalogue, StoreError};
use domain::{EntryId, SaleStatus, SearchEntry, SearchQuery, TenantId};

use super::{Fault, unavailable};
use crate::lock;

type Key = (TenantId, EntryId);

/// The index that the catalogue is searched by.
#[derive(Clone, Debug, Default)]
pub struct FakeIndex(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    entries: BTreeMap<Key, SearchEntry>,
    faults: VecDeque<Option<Fault>>,
}

impl FakeIndex {
    /// Everything that it has, what is withdrawn too, by kind and id.
    pub fn all(&self) -> Vec<SearchEntry> {
        lock(&self.0).entries.values().cloned().collect()
    }

    /// Lets the next call find the database away.
    pub fn fail_next(&self) {
        self.fail_after(0, Fault::FailBefore);
    }

    /// Lets a call go wrong after so many that do not.
    pub fn fail_after(&self, calls: usize, fault: Fault) {
        let good = std::iter::repeat_n(None, calls);
        lock(&self.0).faults.extend(good.chain([Some(fault)]));
    }

    fn called(&self) -> Result<MutexGuard<'_, Inner>, StoreError> {
        let mut inner = lock(&self.0);
        match inner.faults.pop_front().flatten() {
            Some(_) => Err(unavailable()),
            None => Ok(inner),
        }
    }

    fn put(&self, entry: &SearchEntry, least: u64) -> Result<(), StoreError> {
        let mut inner = lock(&self.0);
        let fault = inner.faults.pop_front().flatten();
        if matches!(fault, Some(Fault::FailBefore | Fault::Conflict)) {
            return Err(unavailable());
        }
        let key = (entry.tenant.clone(), entry.id.clone());
        let known = inner.entries.get(&key).map_or(0, |known| known.version);
        if known < least {
            inner.entries.insert(key, entry.clone());
        }
        fault.map_or(Ok(()), |_| Err(unavailable()))
    }
}

impl IndexCatalogue for FakeIndex {
    async fn index(&self, entry: &SearchEntry) -> Result<(), StoreError> {
        self.put(entry, entry.version)
    }
}

impl RebuildIndex for FakeIndex {
    async fn rewrite(&self, entry: &SearchEntry) -> Result<(), StoreError> {
        self.put(entry, entry.version + 1)
    }

    async fn indexed(
        &self,
        tenant: &TenantId,
        after: Option<&EntryId>,
    ) -> Result<Vec<(EntryId, u64)>, StoreError> {
        let inner = self.called()?;
        let is_next = |entry: &&SearchEntry| {
            let behind = after.is_none_or(|after| entry.id > *after);
            entry.tenant == *tenant && entry.status == SaleStatus::Active && behind
        };
        let next = inner.entries.values().filter(is_next).take(2);
        Ok(next
            .map(|entry| (entry.id.clone(), entry.version))
            .collect())
    }

    async fn forget(
        &self,
        tenant: &TenantId,
        id: &EntryId,
        version: u64,
    ) -> Result<(), StoreError> {
        let key = (tenant.clone(), id.clone());
        let mut inner = self.called()?;
        let entry = inner.entries.get_mut(&key);
        if let Some(entry) = entry.filter(|entry| entry.version == version) {
            entry.status = SaleStatus::Withdrawn;
        }
        Ok(())
    }
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

fn has(entry: &SearchEntry, query: &SearchQuery) -> bool {
    let own = words(&format!("{} {}", entry.name, entry.description));
    let asked = words(query.text.as_str());
    let Some((last, rest)) = asked.split_last() else {
        return false;
    };
    rest.iter().all(|word| own.contains(word)) && own.iter().any(|word| word.starts_with(last))
}

fn fits(entry: &SearchEntry, query: &SearchQuery) -> bool {
    let price = entry.price;
    entry.tenant == query.tenant
        && entry.status == SaleStatus::Active
        && query.kind.is_none_or(|kind| kind == entry.id.kind())
        && query.currency.is_none_or(|it| it == price.currency())
        && query.least.is_none_or(|least| price.minor() >= least)
        && query.most.is_none_or(|most| price.minor() <= most)
        && has(entry, query)
}

/// A place is how many entries were shown before.
impl SearchCatalogue for FakeIndex {
    async fn search(&self, query: &SearchQuery) -> Result<Listed<SearchEntry>, StoreError> {
        let inner = self.called()?;
        let shown = query.after.as_deref().and_then(|after| after.parse().ok());
        let shown: usize = shown.unwrap_or(0);
        let fitting = inner.entries.values().filter(|entry| fits(entry, query));
        let mut items: Vec<SearchEntry> = fitting.skip(shown).cloned().collect();
        let more = items.len() > usize::from(query.limit);
        items.truncate(query.limit.into());
        Ok(Listed {
            next: more.then(|| (shown + items.len()).to_string()),
            items,
        })
    }
}
