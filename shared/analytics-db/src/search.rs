//! The search: one list of what fits, best first.

use domain::ports::{Listed, SearchCatalogue, StoreError};
use domain::{Currency, Money, SaleStatus, SearchEntry, SearchQuery, TenantId};
use jiff::Timestamp;
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::AnalyticsDb;
use crate::answer::{broken, classify};
use crate::words::Asked;
use crate::write::{id_of, version_of};

/// What has all words fits, in name or description, and so does what has enough of their trigrams in
/// its name. The score, in millionths: a half for all words, at most one for where and how often they
/// are, at most one for the share of the query that the name has, and at most a half for how much of
/// both together is in both, so that of two names with the words the one without others is first.
/// Of equals the order is that of their ids: a page goes on where the one before ended. `OFFSET 0`
/// has the shared trigrams counted once for each entry.
const SEARCH: &str = r"
WITH scored AS (
    SELECT entry.*, kind || '/' || id AS place,
           (1e6 * (CASE WHEN has.every THEN 0.5 ELSE 0 END
                   + ts_rank(words, to_tsquery('simple', $3) || plainto_tsquery('english', $4))
                   + shared / cardinality($5::text[])
                   + 0.5 * shared / (cardinality($5::text[]) + cardinality(trigrams) - shared))
           )::bigint AS score
      FROM search_entries AS entry
     CROSS JOIN LATERAL (
           SELECT words @@ (to_tsquery('simple', $2) || plainto_tsquery('english', $4)) AS every,
                  (SELECT count(*)::float8 FROM unnest(trigrams) AS own
                    WHERE own = ANY ($5::text[])) AS shared
           OFFSET 0) AS has
     WHERE tenant = $1 AND on_sale
       AND (words @@ (to_tsquery('simple', $2) || plainto_tsquery('english', $4))
            OR trigrams && $6::text[])
       AND (has.every OR shared >= $7)
       AND ($8::text IS NULL OR kind = $8)
       AND ($9::text IS NULL OR currency = $9)
       AND ($10::bigint IS NULL OR price_minor >= $10)
       AND ($11::bigint IS NULL OR price_minor <= $11))
SELECT kind, id, version, name, description, price_minor, currency,
       (extract(epoch FROM changed_at) * 1000000)::bigint AS changed_at, score, place
  FROM scored
 WHERE $12::bigint IS NULL OR score < $12 OR (score = $12 AND place > $13)
 ORDER BY score DESC, place LIMIT $14";

impl SearchCatalogue for AnalyticsDb {
    async fn search(&self, query: &SearchQuery) -> Result<Listed<SearchEntry>, StoreError> {
        let asked = Asked::new(query.text.as_str());
        if asked.trigrams.is_empty() {
            return Ok(Listed {
                items: Vec::new(),
                next: None,
            });
        }
        let after = query.after.as_deref().map(place_of).transpose()?;
        let wanted = usize::from(query.limit.max(1));
        let search = sqlx::query(SEARCH)
            .bind(query.tenant.as_str())
            .bind(&asked.every)
            .bind(&asked.any)
            .bind(&asked.plain)
            .bind(&asked.trigrams)
            .bind(&asked.telling)
            .bind(i64::try_from(asked.enough).map_err(broken)?)
            .bind(query.kind.map(|kind| kind.name()))
            .bind(query.currency.map(Currency::code))
            .bind(query.least)
            .bind(query.most)
            .bind(after.map(|(score, _)| score))
            .bind(after.map(|(_, place)| place))
            // One more tells whether there is another page.
            .bind(i64::from(query.limit.max(1)) + 1);
        let mut rows = self.ask(search).await?;
        let more = rows.len() > wanted;
        rows.truncate(wanted);
        let last = rows.last().filter(|_| more).map(place_after).transpose()?;
        let entry = |row: &PgRow| entry_of(row, &query.tenant);
        Ok(Listed {
            items: rows.iter().map(entry).collect::<Result<_, _>>()?,
            next: last,
        })
    }
}

/// Between score and place.
const SEPARATOR: char = ' ';

fn place_after(row: &PgRow) -> Result<String, StoreError> {
    let score: i64 = row.try_get("score").map_err(classify)?;
    let place: &str = row.try_get("place").map_err(classify)?;
    Ok(format!("{score}{SEPARATOR}{place}"))
}

fn place_of(text: &str) -> Result<(i64, &str), StoreError> {
    let (score, place) = text
        .split_once(SEPARATOR)
        .ok_or_else(|| broken("no place"))?;
    Ok((score.parse().map_err(broken)?, place))
}

fn entry_of(row: &PgRow, tenant: &TenantId) -> Result<SearchEntry, StoreError> {
    let minor: i64 = row.try_get("price_minor").map_err(classify)?;
    let currency: &str = row.try_get("currency").map_err(classify)?;
    let currency = Currency::parse(currency).map_err(broken)?;
    let changed_at: i64 = row.try_get("changed_at").map_err(classify)?;
    Ok(SearchEntry {
        id: id_of(row)?,
        tenant: tenant.clone(),
        version: version_of(row)?,
        name: row.try_get("name").map_err(classify)?,
        description: row.try_get("description").map_err(classify)?,
        price: Money::new(minor, currency).map_err(broken)?,
        status: SaleStatus::Active,
        changed_at: Timestamp::from_microsecond(changed_at).map_err(broken)?,
    })
}
