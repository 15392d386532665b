//! What the audit log says.

use audit::{Entry, KeepChains, Outcome, Shard};
use dynamo_store::AuditTable;
use testkit::must;

use super::shop::{SOON, Shop};
use super::wait::until;

/// What the chains say of an object, in their order.
pub async fn entries_of(shop: &Shop, object: &str) -> Vec<Entry> {
    let table = &shop.tables.audit;
    let shard = Shard::of(object);
    let mut found = Vec::new();
    let mut first = 1;
    loop {
        let page = must(table.entries(shard, first, AuditTable::PAGE).await);
        let whole = page.iter().all(Option::is_some);
        let entries = page.into_iter().flatten();
        found.extend(entries.filter(|entry| entry.record.object == object));
        if !whole {
            return found;
        }
        first += AuditTable::PAGE as u64;
    }
}

/// An entry in a few words: `done cartwright.order.placed.v1 by account alice`, or `refused …`.
pub fn words(entry: &Entry) -> String {
    let record = &entry.record;
    let outcome = match record.outcome {
        Outcome::Done => "done",
        Outcome::Refused(_) => "refused",
    };
    let subject = record.actor.subject.as_ref();
    let who = subject.and_then(audit::Personal::value).unwrap_or("-");
    let kind = record.actor.kind.name();
    format!("{outcome} {} by {kind} {who}", record.action)
}

/// Waits until the log says this of an object, in any order among whatever else it says; answers the
/// entries that do.
pub async fn says(shop: &Shop, object: &str, wanted: &[String]) -> Vec<Entry> {
    let what = format!("the audit log to say {wanted:?} of {object}");
    until(&what, SOON, || async {
        let entries = entries_of(shop, object).await;
        let found = |one: &String| entries.iter().find(|entry| words(entry) == *one).cloned();
        wanted.iter().map(found).collect::<Option<Vec<Entry>>>()
    })
    .await
}
