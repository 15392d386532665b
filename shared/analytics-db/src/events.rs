//! Events of tenants going in: the ids of their batches, the rows and the figures that follow, all in one
//! transaction. Rows of more than one batch are changed by everybody in the sequence of their keys, so that
//! nobody waits in a circle; what all have to change, the figures, comes last and is held shortest.

mod copy;
mod tally;

use std::collections::{BTreeMap, BTreeSet};

use domain::ports::{BatchTaken, KeepPlans, StoreError, TakeMetrics, TakeMetricsError};
use domain::{BatchId, MetricBatch, Plan, TenantId};
use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::Row;

pub(crate) use self::copy::{COPY_COLUMNS, END, EPOCH, Encoded, HEADER, JSONB, NULL};
use self::tally::Tally;
pub(crate) use self::tally::date_of;
use crate::AnalyticsDb;
use crate::answer::{broken, classify, text};
use crate::together::Together;

/// The number of a tenant in all tables.
pub(crate) type TenantNumber = i32;

const KNOWN: &str = "SELECT id, name FROM tenants WHERE name = ANY($1)";

const MEET: &str = r"
INSERT INTO tenants (name) SELECT * FROM unnest($1::text[]) ON CONFLICT (name) DO NOTHING";

const PUT_PLAN: &str = r"
INSERT INTO tenants (name, plan) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET plan = excluded.plan";

const MISSING_MONTHS: &str = r"
SELECT month::text FROM unnest($1::text[]::date[]) AS wanted (month)
 WHERE NOT EXISTS (SELECT FROM event_months AS known WHERE known.month = wanted.month)
 ORDER BY month";

const OPEN_MONTH: &str = "SELECT open_event_month($1::text::date)";

const TAKE_BATCHES: &str = r"
INSERT INTO event_batches (tenant_id, batch_id, events)
SELECT * FROM unnest($1::integer[], $2::text[]::uuid[], $3::integer[])
ON CONFLICT (tenant_id, batch_id) DO NOTHING
RETURNING tenant_id, batch_id::text";

const SHARE_MONTHS: &str = r"
SELECT pg_advisory_xact_lock_shared(event_month_lock(month))
  FROM (SELECT * FROM unnest($1::text[]::date[]) AS wanted (month) ORDER BY month) AS months";

/// Read after the locks are held, so that what is read stays so.
const CLOSED_MONTH: &str = r"
SELECT month::text FROM event_months
 WHERE month = ANY($1::text[]::date[]) AND state <> 'open' ORDER BY month LIMIT 1";

impl TakeMetrics for AnalyticsDb {
    async fn take_metrics(
        &self,
        batches: &[MetricBatch],
        now: Timestamp,
    ) -> Result<Vec<BatchTaken>, TakeMetricsError> {
        let batches = self.numbered(batches).await?;
        self.open(&months_of(&batches)).await?;
        let mut work = self.together().await?;
        let mut new = take_ids(&mut work, &batches).await?;
        // Only the first of two that are the same.
        let is_new: Vec<bool> = batches
            .iter()
            .map(|(tenant, batch)| new.remove(&(*tenant, batch.id)))
            .collect();
        let news = batches.iter().zip(&is_new).filter(|(_, is_new)| **is_new);
        let news: Vec<_> = news.map(|(batch, _)| *batch).collect();
        // Those that are known count already, whatever became of their months.
        is_open(&mut work, &months_of(&news)).await?;
        let mut rows = Encoded::new(news.iter().map(|(_, batch)| batch.events.len()).sum());
        let mut tally = Tally::new(now);
        for (tenant, batch) in &news {
            rows.add(*tenant, &batch.events)?;
            tally.add(*tenant, batch);
        }
        if !tally.is_empty() {
            let copy = format!("COPY events ({COPY_COLUMNS}) FROM STDIN (FORMAT binary)");
            work.copy(&copy, &rows.finish()).await?;
            work.ask(tally.statement()).await?;
        }
        work.commit().await?;
        let taken = |is_new| {
            if is_new {
                BatchTaken::New
            } else {
                BatchTaken::Known
            }
        };
        Ok(is_new.into_iter().map(taken).collect())
    }
}

impl KeepPlans for AnalyticsDb {
    async fn put_plan(&self, tenant: &TenantId, plan: Plan) -> Result<(), StoreError> {
        let put = sqlx::query(PUT_PLAN)
            .bind(tenant.as_str())
            .bind(plan.name());
        self.ask(put).await.map(drop)
    }
}

impl AnalyticsDb {
    /// The batches with the numbers of their tenants.
    async fn numbered<'a>(
        &self,
        batches: &'a [MetricBatch],
    ) -> Result<Vec<(TenantNumber, &'a MetricBatch)>, StoreError> {
        let names: BTreeSet<&str> = batches.iter().map(|it| it.tenant.as_str()).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let known = self.numbers_of(&names).await?;
        let number = |batch: &'a MetricBatch| {
            let number = known.get(batch.tenant.as_str()).copied();
            number
                .map(|number| (number, batch))
                .ok_or_else(|| broken("a tenant has no number"))
        };
        batches.iter().map(number).collect()
    }

    /// The numbers of tenants, which have one for good from now on.
    pub(crate) async fn numbers_of(
        &self,
        names: &[&str],
    ) -> Result<BTreeMap<String, TenantNumber>, StoreError> {
        let known = self.numbers(names).await?;
        let unknown = names.iter().filter(|name| !known.contains_key(**name));
        let unknown: Vec<&str> = unknown.copied().collect();
        if unknown.is_empty() {
            return Ok(known);
        }
        self.ask(sqlx::query(MEET).bind(unknown)).await?;
        self.numbers(names).await
    }

    async fn numbers(&self, names: &[&str]) -> Result<BTreeMap<String, TenantNumber>, StoreError> {
        let rows = self.ask(sqlx::query(KNOWN).bind(names)).await?;
        let read = |row| {
            let number = Row::try_get(row, "id").map_err(classify)?;
            Ok((text(row, "name")?.to_owned(), number))
        };
        rows.iter().map(read).collect()
    }

    /// Makes the tables of those months that have none and never had.
    async fn open(&self, months: &[String]) -> Result<(), StoreError> {
        let missing = self.ask(sqlx::query(MISSING_MONTHS).bind(months)).await?;
        for row in &missing {
            let month = text(row, "month")?;
            self.ask(sqlx::query(OPEN_MONTH).bind(month)).await?;
        }
        Ok(())
    }
}

/// The first day of each month that has an event.
fn months_of(batches: &[(TenantNumber, &MetricBatch)]) -> Vec<String> {
    let events = batches.iter().flat_map(|(_, batch)| &batch.events);
    let days: BTreeSet<i64> = events.map(|event| tally::day_of(event.at)).collect();
    let months = days.iter().map(|day| tally::date_of(*day).first_of_month());
    let months: BTreeSet<Date> = months.collect();
    months.iter().map(Date::to_string).collect()
}

/// Notes the batches that are new, and says which they are. Whoever has the same at the same time waits here
/// for what becomes of it.
async fn take_ids(
    work: &mut Together,
    batches: &[(TenantNumber, &MetricBatch)],
) -> Result<BTreeSet<(TenantNumber, BatchId)>, StoreError> {
    let count = |batch: &MetricBatch| i32::try_from(batch.events.len()).map_err(broken);
    let mut ids = Vec::with_capacity(batches.len());
    for (tenant, batch) in batches {
        ids.push((*tenant, batch.id, count(batch)?));
    }
    ids.sort_unstable();
    let tenants: Vec<_> = ids.iter().map(|(tenant, ..)| *tenant).collect();
    let names: Vec<_> = ids.iter().map(|(_, id, _)| id.to_string()).collect();
    let counts: Vec<_> = ids.iter().map(|(.., count)| *count).collect();
    let take = sqlx::query(TAKE_BATCHES).bind(tenants).bind(names);
    let rows = work.ask(take.bind(counts)).await?;
    let read = |row| {
        let tenant = Row::try_get(row, "tenant_id").map_err(classify)?;
        let id = BatchId::parse(text(row, "batch_id")?).map_err(broken)?;
        Ok((tenant, id))
    };
    rows.iter().map(read).collect()
}

/// Sees that the months take rows, and that they do so until the transaction ends.
async fn is_open(work: &mut Together, months: &[String]) -> Result<(), TakeMetricsError> {
    work.ask(sqlx::query(SHARE_MONTHS).bind(months)).await?;
    let closed = work.ask(sqlx::query(CLOSED_MONTH).bind(months)).await?;
    match closed.first() {
        None => Ok(()),
        Some(row) => Err(TakeMetricsError::Archived {
            month: text(row, "month")?.parse().map_err(broken)?,
        }),
    }
}
