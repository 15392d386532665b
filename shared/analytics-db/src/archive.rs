//! Months of events on their way out of the database, and back. Tables are named by their month, which is a
//! date of ours: it is the only thing that is a part of a statement.

mod rows;

use std::collections::BTreeMap;

use domain::ports::{ArchiveEvents, LetGoError, StoreError};
use domain::{ArchivedFile, Archiving, Checksums, EventsByTenant, MonthState, Plan, TenantId};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::civil::Date;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row};

use self::rows::{Rows, TenantPlan};
use crate::AnalyticsDb;
use crate::answer::{broken, classify, text};
use crate::ask::Statement;
use crate::events::{COPY_COLUMNS, Encoded, TenantNumber};
use crate::together::Together;

const BEGUN: &str = r"
SELECT month::text, (
    SELECT part FROM generate_series(0, months.parts - 1) AS part
     WHERE NOT EXISTS (SELECT FROM event_archive_parts AS noted
                        WHERE noted.month = months.month AND noted.part = part.part)
     ORDER BY part LIMIT 1
) AS next
  FROM event_months AS months WHERE state = 'archiving' ORDER BY month LIMIT 1";

const OLDEST: &str = r"
SELECT month::text FROM event_months
 WHERE state = 'open' AND month < $1::text::date ORDER BY month LIMIT 1";

/// Whoever writes to the month ends first, and whoever comes later finds it closed.
const LOCK: &str = "SELECT pg_advisory_xact_lock(event_month_lock($1::text::date))";

const CLOSE: &str = r"
UPDATE event_months
   SET state = 'archiving', part_pages = $2::integer,
       parts = (event_table_blocks(month) + $2::integer - 1) / $2::integer
 WHERE month = $1::text::date AND state = 'open'";

const NOTE_PLANS: &str = r"
INSERT INTO event_archive_plans (month, tenant_id, plan)
SELECT $1::text::date, id, plan FROM tenants ON CONFLICT DO NOTHING";

const PLANS: &str = r"
SELECT id, name, coalesce(noted.plan, tenants.plan) AS plan
  FROM tenants LEFT JOIN event_archive_plans AS noted
    ON noted.tenant_id = id AND noted.month = $1::text::date";

const NOTE_PART: &str = r"
INSERT INTO event_archive_parts (month, part) VALUES ($1::text::date, $2)
ON CONFLICT DO NOTHING";

const NOTE_FILE: &str = r"
INSERT INTO event_archive_files (month, part, plan, bytes, rows, sums)
VALUES ($1::text::date, $2, $3, $4, $5, $6)
ON CONFLICT (month, part, plan) DO UPDATE SET
    bytes = excluded.bytes, rows = excluded.rows, sums = excluded.sums";

const FILES: &str = r"
SELECT part, plan, bytes, rows, sums FROM event_archive_files
 WHERE month = $1::text::date ORDER BY part, plan";

const MONTHS: &str = "SELECT month::text, state FROM event_months ORDER BY month";

/// The parts of a month's table as it is now, of as many pages as where it was archived.
const PARTS: &str = r"
SELECT pages, (event_table_blocks(month) + pages - 1) / pages AS parts
  FROM (SELECT month, coalesce(part_pages, $2::integer) AS pages FROM event_months) AS months
 WHERE month = $1::text::date";

/// Whether all parts of a month are noted, and how many rows there should be.
const NOTED: &str = r"
SELECT (SELECT count(*) FROM event_archive_parts AS noted WHERE noted.month = months.month)
           = months.parts AS is_whole,
       (SELECT coalesce(sum(rows), 0)::bigint FROM event_archive_files AS files
         WHERE files.month = months.month) AS archived,
       (SELECT coalesce(sum(events), 0)::bigint FROM event_days
         WHERE day >= months.month AND day < months.month + interval '1 month') AS counted
  FROM event_months AS months
 WHERE month = $1::text::date AND state IN ('archiving', 'restored')";

/// One row where the table of a month is read with the others; whether it is about to be no more.
const ATTACHED: &str = r"
SELECT inhdetachpending AS pending FROM pg_inherits
 WHERE inhrelid = to_regclass(event_table($1::text::date))";

/// One row where a month is in the archive alone. It stays so until the transaction ends.
const ARCHIVED: &str = r"
SELECT state FROM event_months
 WHERE month = $1::text::date AND state = 'archived' FOR UPDATE";

const SET_STATE: &str = "UPDATE event_months SET state = $2 WHERE month = $1::text::date";

const ATTACH: &str = "SELECT attach_event_table($1::text::date)";

/// Parts whose rows are counted at the same time: as many as there are connections.
const COUNTED_AT_ONCE: usize = 2;

/// The name of a month's table.
fn table(month: Date) -> String {
    format!("events_{:04}_{:02}", month.year(), month.month())
}

/// Which rows of a table are of a part.
fn of_part(part: i64, pages: i64) -> String {
    let first = part * pages;
    let end = first + pages;
    format!("ctid >= '({first},0)' AND ctid < '({end},0)'")
}

fn about(statement: &'static str, month: Date) -> Statement<'static> {
    sqlx::query(statement).bind(month.to_string())
}

impl ArchiveEvents for AnalyticsDb {
    async fn begin_month(&self, before: Date) -> Result<Option<Archiving>, StoreError> {
        if let Some(begun) = self.begun().await? {
            return Ok(Some(begun));
        }
        let oldest = self.ask(about(OLDEST, before)).await?;
        let Some(oldest) = oldest.first() else {
            // Somebody else may have closed the last one between the two questions.
            return self.begun().await;
        };
        let month: Date = text(oldest, "month")?.parse().map_err(broken)?;
        let mut work = self.together().await?;
        work.ask(about(LOCK, month)).await?;
        work.ask(about(CLOSE, month).bind(self.pages)).await?;
        work.ask(about(NOTE_PLANS, month)).await?;
        work.commit().await?;
        self.begun().await
    }

    async fn rows_of_part(
        &self,
        month: Date,
        part: u32,
    ) -> Result<BTreeMap<Plan, EventsByTenant>, StoreError> {
        let plans = self.ask(about(PLANS, month)).await?;
        let plans = plans.iter().map(plan_of).collect::<Result<_, _>>()?;
        let (pages, _) = self.pages_and_parts(month).await?;
        let (table, of_part) = (table(month), of_part(part.into(), pages));
        let rows = self
            .copy_out(&format!(
                "COPY (SELECT {COPY_COLUMNS} FROM {table} WHERE {of_part}) \
                 TO STDOUT (FORMAT binary)"
            ))
            .await?;
        Rows::new(&rows, &plans).collect()
    }

    async fn note_part(
        &self,
        month: Date,
        part: u32,
        files: &[ArchivedFile],
    ) -> Result<(), StoreError> {
        let part = i32::try_from(part).map_err(broken)?;
        let mut work = self.together().await?;
        work.ask(about(NOTE_PART, month).bind(part)).await?;
        for file in files {
            let Checksums { rows, sums } = file.checksums;
            let note = about(NOTE_FILE, month)
                .bind(part)
                .bind(file.plan.name())
                .bind(i64::try_from(file.bytes).map_err(broken)?)
                .bind(i64::try_from(rows).map_err(broken)?)
                .bind(sums.map(u64::cast_signed).to_vec());
            work.ask(note).await?;
        }
        work.commit().await
    }

    async fn let_go(&self, month: Date) -> Result<(), LetGoError> {
        let table = table(month);
        self.is_whole(month, &table).await?;
        let attached = self.ask(about(ATTACHED, month)).await?;
        if let Some(row) = attached.first() {
            let is_pending: bool = row.try_get("pending").map_err(classify)?;
            // Nobody who reads or writes waits for it; what was ended on the way is finished.
            let how = if is_pending {
                "FINALIZE"
            } else {
                "CONCURRENTLY"
            };
            self.run(format!("ALTER TABLE events DETACH PARTITION {table} {how}"))
                .await?;
        }
        let mut work = self.together().await?;
        work.run(format!("DROP TABLE {table}")).await?;
        let archived = about(SET_STATE, month).bind(MonthState::Archived.name());
        work.ask(archived).await?;
        Ok(work.commit().await?)
    }

    async fn months(&self) -> Result<Vec<(Date, MonthState)>, StoreError> {
        let rows = self.ask(sqlx::query(MONTHS)).await?;
        let read = |row: &PgRow| {
            let month = text(row, "month")?.parse().map_err(broken)?;
            let state = MonthState::from_name(text(row, "state")?);
            Ok((
                month,
                state.ok_or_else(|| broken("a state that nobody knows"))?,
            ))
        };
        rows.iter().map(read).collect()
    }

    async fn files_of(&self, month: Date) -> Result<Vec<ArchivedFile>, StoreError> {
        let rows = self.ask(about(FILES, month)).await?;
        rows.iter().map(|row| file_of(month, row)).collect()
    }

    async fn begin_restore(&self, month: Date) -> Result<(), StoreError> {
        let table = table(month);
        let mut work = self.together().await?;
        is_archived(&mut work, month).await?;
        work.run(format!(
            "DROP TABLE IF EXISTS {table}; CREATE TABLE {table} (LIKE events INCLUDING CONSTRAINTS)"
        ))
        .await?;
        work.commit().await
    }

    async fn restore_rows(&self, month: Date, rows: &EventsByTenant) -> Result<(), StoreError> {
        let names: Vec<&str> = rows.keys().map(TenantId::as_str).collect();
        let numbers = self.numbers_of(&names).await?;
        let mut encoded = Encoded::new(rows.values().map(Vec::len).sum());
        for (tenant, events) in rows {
            let number = numbers.get(tenant.as_str());
            let number = number.ok_or_else(|| broken("a tenant has no number"))?;
            encoded.add(*number, events)?;
        }
        let copy = format!(
            "COPY {} ({COPY_COLUMNS}) FROM STDIN (FORMAT binary)",
            table(month)
        );
        let mut work = self.together().await?;
        is_archived(&mut work, month).await?;
        work.copy(&copy, &encoded.finish()).await?;
        work.commit().await
    }

    async fn end_restore(&self, month: Date) -> Result<(), StoreError> {
        let mut work = self.together().await?;
        is_archived(&mut work, month).await?;
        work.ask(about(ATTACH, month)).await?;
        let restored = about(SET_STATE, month).bind(MonthState::Restored.name());
        work.ask(restored).await?;
        work.commit().await
    }

    async fn parts_of(&self, month: Date) -> Result<u32, StoreError> {
        let (_, parts) = self.pages_and_parts(month).await?;
        u32::try_from(parts).map_err(broken)
    }
}

impl AnalyticsDb {
    async fn begun(&self) -> Result<Option<Archiving>, StoreError> {
        let rows = self.ask(sqlx::query(BEGUN)).await?;
        let read = |row: &PgRow| {
            let next: Option<i32> = row.try_get("next").map_err(classify)?;
            Ok(Archiving {
                month: text(row, "month")?.parse().map_err(broken)?,
                next: next.map(u32::try_from).transpose().map_err(broken)?,
            })
        };
        rows.first().map(read).transpose()
    }

    /// How many pages a part of a month's table has, and how many parts there are.
    async fn pages_and_parts(&self, month: Date) -> Result<(i64, i64), StoreError> {
        let rows = self.ask(about(PARTS, month).bind(self.pages)).await?;
        let row = rows
            .first()
            .ok_or_else(|| broken("a month without a table"))?;
        let pages: i32 = row.try_get("pages").map_err(classify)?;
        Ok((pages.into(), number(row, "parts")?))
    }

    /// How many rows the table of a month has. Each part is counted within the time of a statement, however
    /// many there are.
    async fn stored(&self, month: Date, table: &str) -> Result<i64, StoreError> {
        let (pages, parts) = self.pages_and_parts(month).await?;
        let count = async |part| {
            let of_part = of_part(part, pages);
            let count = format!("SELECT count(*) AS stored FROM {table} WHERE {of_part}");
            // Each is asked once: nobody remembers how it is done.
            let count = sqlx::query(AssertSqlSafe(count)).persistent(false);
            let counted = self.ask(count).await?;
            let counted = counted.first().ok_or_else(|| broken("no answer"))?;
            number(counted, "stored")
        };
        let counts = stream::iter(0..parts).map(count);
        let counts = counts.buffer_unordered(COUNTED_AT_ONCE);
        counts.try_fold(0, async |sum, rows| Ok(sum + rows)).await
    }

    /// Sees that nothing of a month is missing anywhere.
    async fn is_whole(&self, month: Date, table: &str) -> Result<(), LetGoError> {
        let rows = self.ask(about(NOTED, month)).await?;
        let row = rows.first().ok_or(LetGoError::NotYet(month))?;
        if !row.try_get("is_whole").map_err(classify)? {
            return Err(LetGoError::NotYet(month));
        }
        let (archived, counted) = (number(row, "archived")?, number(row, "counted")?);
        let stored = self.stored(month, table).await?;
        match archived == stored && archived == counted {
            true => Ok(()),
            false => Err(LetGoError::Unequal {
                month,
                archived: archived.cast_unsigned(),
                stored: stored.cast_unsigned(),
                counted: counted.cast_unsigned(),
            }),
        }
    }
}

/// Sees that a month is in the archive alone: somebody else may have restored it meanwhile.
async fn is_archived(work: &mut Together, month: Date) -> Result<(), StoreError> {
    let archived = work.ask(about(ARCHIVED, month)).await?;
    match archived.is_empty() {
        true => Err(broken(format_args!(
            "the month of {month} is not in the archive alone"
        ))),
        false => Ok(()),
    }
}

fn number(row: &PgRow, name: &str) -> Result<i64, StoreError> {
    row.try_get(name).map_err(classify)
}

fn plan_of(row: &PgRow) -> Result<(TenantNumber, TenantPlan), StoreError> {
    let number = row.try_get("id").map_err(classify)?;
    let tenant = TenantId::parse(text(row, "name")?).map_err(broken)?;
    let plan = Plan::from_name(text(row, "plan")?);
    let plan = plan.ok_or_else(|| broken("a plan that nobody knows"))?;
    Ok((number, TenantPlan { tenant, plan }))
}

fn file_of(month: Date, row: &PgRow) -> Result<ArchivedFile, StoreError> {
    let part: i32 = row.try_get("part").map_err(classify)?;
    let sums: Vec<i64> = row.try_get("sums").map_err(classify)?;
    let sums: [i64; 6] = sums.try_into().map_err(|_| broken("too few sums"))?;
    let plan = Plan::from_name(text(row, "plan")?);
    Ok(ArchivedFile {
        month,
        part: u32::try_from(part).map_err(broken)?,
        plan: plan.ok_or_else(|| broken("a plan that nobody knows"))?,
        bytes: number(row, "bytes")?.cast_unsigned(),
        checksums: Checksums {
            rows: number(row, "rows")?.cast_unsigned(),
            sums: sums.map(i64::cast_unsigned),
        },
    })
}
