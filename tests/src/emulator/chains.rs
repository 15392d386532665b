//! The chains of the audit log from their beginnings. Entries are read once and kept, since no test
//! writes any: what is done to them afterwards is a test's own matter.

use std::sync::Arc;

use audit::{Entry, KeepChains, Shard};
use dynamo_store::AuditTable;
use testkit::must;
use tokio::sync::Mutex;

static READ: Mutex<Vec<Arc<Vec<Entry>>>> = Mutex::const_new(Vec::new());

/// All chains as far as they go now.
pub async fn read(table: &AuditTable) -> Vec<Arc<Vec<Entry>>> {
    let mut known = READ.lock().await;
    known.resize_with(Shard::COUNT.into(), Arc::default);
    for (shard, chain) in Shard::all().zip(known.iter_mut()) {
        let first = chain.len() as u64 + 1;
        let new = from(table, shard, first).await;
        if !new.is_empty() {
            Arc::make_mut(chain).extend(new);
        }
    }
    known.clone()
}

async fn from(table: &AuditTable, shard: Shard, mut first: u64) -> Vec<Entry> {
    let mut entries = Vec::new();
    loop {
        let page = must(table.entries(shard, first, AuditTable::PAGE).await);
        let whole = page.iter().all(Option::is_some);
        entries.extend(page.into_iter().map_while(|entry| entry));
        if !whole {
            return entries;
        }
        first += AuditTable::PAGE as u64;
    }
}
