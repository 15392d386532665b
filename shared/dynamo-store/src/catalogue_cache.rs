//! Keeps products in memory for a short time, so that a warm placement makes one AWS call.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use domain::ports::{ReadCatalogue, StoreError};
use domain::{Product, ProductId};
use jiff::{SignedDuration, Timestamp};

#[cfg(test)]
mod tests;

/// How long a product is taken from memory: a price change is seen this late at most.
const TTL: SignedDuration = SignedDuration::from_secs(30);
/// Most products kept.
const CAPACITY: usize = 2_000;

/// A catalogue with a memory. Unknown products are asked for each time.
#[derive(Debug)]
pub struct CachedCatalogue<R, C = fn() -> Timestamp> {
    source: R,
    clock: C,
    kept: Mutex<HashMap<ProductId, (Timestamp, Product)>>,
}

impl<R, C> CachedCatalogue<R, C>
where
    C: Fn() -> Timestamp,
{
    /// Puts a memory before a catalogue.
    pub fn new(source: R, clock: C) -> Self {
        Self {
            source,
            clock,
            kept: Mutex::default(),
        }
    }

    fn recall(&self, ids: &[ProductId], now: Timestamp) -> BTreeMap<ProductId, Product> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = ids.iter().filter_map(|id| {
            let (at, product) = kept.get(id)?;
            let age = now.duration_since(*at);
            let usable = !age.is_negative() && age < TTL;
            usable.then(|| (id.clone(), product.clone()))
        });
        fresh.collect()
    }

    fn keep(&self, products: &BTreeMap<ProductId, Product>, now: Timestamp) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() + products.len() > CAPACITY {
            kept.clear();
        }
        let entries = products.iter().take(CAPACITY);
        kept.extend(entries.map(|(id, product)| (id.clone(), (now, product.clone()))));
    }
}

impl<R, C> ReadCatalogue for CachedCatalogue<R, C>
where
    R: ReadCatalogue + Sync,
    C: Fn() -> Timestamp + Sync,
{
    async fn products(
        &self,
        ids: &[ProductId],
    ) -> Result<BTreeMap<ProductId, Product>, StoreError> {
        let now = (self.clock)();
        let mut found = self.recall(ids, now);
        let unknown = |id: &&ProductId| !found.contains_key(*id);
        let missing: Vec<ProductId> = ids.iter().filter(unknown).cloned().collect();
        if !missing.is_empty() {
            let read = self.source.products(&missing).await?;
            self.keep(&read, now);
            found.extend(read);
        }
        Ok(found)
    }
}
