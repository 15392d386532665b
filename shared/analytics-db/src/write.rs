//! Entries going into the index, and out of it.

use domain::ports::{IndexCatalogue, RebuildIndex, StoreError};
use domain::{CourseId, EntryId, EntryKind, ProductId, SaleStatus, SearchEntry, TenantId};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::AnalyticsDb;
use crate::answer::{broken, classify};
use crate::words::{fold, trigrams};

/// Rows of one read of [`RebuildIndex::indexed`].
const PAGE: i64 = 500;

/// One statement, so that of two writers at once the newer one stays whichever comes first. What is
/// stored is kept where it is newer, and where it is as new unless it is to be made anew.
const PUT: &str = r"
INSERT INTO search_entries AS known
    (tenant, kind, id, version, on_sale, name, description, price_minor, currency, changed_at,
     name_words, description_words, trigrams)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,
        timestamptz 'epoch' + $10 * interval '1 microsecond', $11, $12, $13)
ON CONFLICT (tenant, kind, id) DO UPDATE SET
    version = excluded.version, on_sale = excluded.on_sale, name = excluded.name,
    description = excluded.description, price_minor = excluded.price_minor,
    currency = excluded.currency, changed_at = excluded.changed_at,
    name_words = excluded.name_words, description_words = excluded.description_words,
    trigrams = excluded.trigrams
WHERE excluded.version > known.version OR ($14 AND excluded.version = known.version)";

const INDEXED: &str = r"
SELECT kind, id, version FROM search_entries
 WHERE tenant = $1 AND on_sale AND (kind, id) > ($2, $3)
 ORDER BY kind, id LIMIT $4";

const FORGET: &str = r"
UPDATE search_entries SET on_sale = false
 WHERE tenant = $1 AND kind = $2 AND id = $3 AND version = $4";

impl IndexCatalogue for AnalyticsDb {
    async fn index(&self, entry: &SearchEntry) -> Result<(), StoreError> {
        self.put(entry, false).await
    }
}

impl RebuildIndex for AnalyticsDb {
    async fn rewrite(&self, entry: &SearchEntry) -> Result<(), StoreError> {
        self.put(entry, true).await
    }

    async fn indexed(
        &self,
        tenant: &TenantId,
        after: Option<&EntryId>,
    ) -> Result<Vec<(EntryId, u64)>, StoreError> {
        let (kind, id) = after.map_or(("", ""), |after| (after.kind().name(), after.as_str()));
        let indexed = sqlx::query(INDEXED)
            .bind(tenant.as_str())
            .bind(kind)
            .bind(id)
            .bind(PAGE);
        let rows = self.ask(indexed).await?;
        let read = |row: &PgRow| Ok((id_of(row)?, version_of(row)?));
        rows.iter().map(read).collect()
    }

    async fn forget(
        &self,
        tenant: &TenantId,
        id: &EntryId,
        version: u64,
    ) -> Result<(), StoreError> {
        let forget = sqlx::query(FORGET)
            .bind(tenant.as_str())
            .bind(id.kind().name())
            .bind(id.as_str())
            .bind(signed(version)?);
        self.ask(forget).await.map(drop)
    }
}

impl AnalyticsDb {
    async fn put(&self, entry: &SearchEntry, anew: bool) -> Result<(), StoreError> {
        let (name, description) = (stored(&entry.name), stored(&entry.description));
        let name_words = fold(&name);
        let put = sqlx::query(PUT)
            .bind(entry.tenant.as_str())
            .bind(entry.id.kind().name())
            .bind(entry.id.as_str())
            .bind(signed(entry.version)?)
            .bind(entry.status == SaleStatus::Active)
            .bind(&name)
            .bind(&description)
            .bind(entry.price.minor())
            .bind(entry.price.currency().code())
            .bind(entry.changed_at.as_microsecond())
            .bind(&name_words)
            .bind(fold(&description))
            .bind(trigrams(&name_words))
            .bind(anew);
        self.ask(put).await.map(drop)
    }
}

/// A text as the server can keep it: any character but one.
pub(crate) fn stored(text: &str) -> String {
    text.replace('\0', " ")
}

fn signed(version: u64) -> Result<i64, StoreError> {
    i64::try_from(version).map_err(broken)
}

pub(crate) fn version_of(row: &PgRow) -> Result<u64, StoreError> {
    let version: i64 = row.try_get("version").map_err(classify)?;
    u64::try_from(version).map_err(broken)
}

pub(crate) fn id_of(row: &PgRow) -> Result<EntryId, StoreError> {
    let kind: &str = row.try_get("kind").map_err(classify)?;
    let id: &str = row.try_get("id").map_err(classify)?;
    match EntryKind::from_name(kind) {
        Some(EntryKind::Course) => CourseId::parse(id).map(EntryId::Course).map_err(broken),
        Some(EntryKind::Product) => ProductId::parse(id).map(EntryId::Product).map_err(broken),
        None => Err(broken("a kind that nobody knows")),
    }
}
