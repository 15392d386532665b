//! The figures of what happens at tenants, for reports.

use std::collections::BTreeMap;

use domain::ports::{DayRange, Freshness, ReadMetrics, StoreError, Whose};
use domain::{BatchId, FiguresByTenant, MetricFigures, Period, TenantId};
use jiff::Timestamp;
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::AnalyticsDb;
use crate::answer::{broken, classify, text};
use crate::ask::Statement;
use crate::events::date_of;

const FRESHNESS: &str = r"
SELECT changes, last_batch::text, (extract(epoch FROM newest) * 1000000)::bigint AS newest
  FROM events_heard JOIN tenants ON tenants.id = tenant_id WHERE name = $1";

const IS_TAKEN: &str = r"
SELECT FROM event_batches JOIN tenants ON tenants.id = tenant_id
 WHERE name = $1 AND batch_id = $2::text::uuid";

/// One row a tenant, with lists: what is read of a row is read by name, and thousands of rows are slow.
/// Periods are days or hours of the epoch. Of `event_days` the index alone is read: it has the figures.
macro_rules! read_figures {
    ($period:literal, $table:literal, $whose:literal) => {
        concat!(
            "SELECT min(name) AS name, array_agg(",
            $period,
            ") AS periods, array_agg(events) AS events, array_agg(processing_us) AS micros FROM ",
            $table,
            " JOIN tenants ON tenants.id = tenant_id WHERE ",
            $whose,
            " = $1 AND day BETWEEN $2::text::date AND $3::text::date GROUP BY tenant_id"
        )
    };
}

const DAYS_OF_TENANT: &str = read_figures!("day - date '1970-01-01'", "event_days", "name");
const DAYS_OF_PLAN: &str = read_figures!("day - date '1970-01-01'", "event_days", "plan");
const HOURS_OF_TENANT: &str = read_figures!(
    "(day - date '1970-01-01') * 24 + hour",
    "event_hours",
    "name"
);
const HOURS_OF_PLAN: &str = read_figures!(
    "(day - date '1970-01-01') * 24 + hour",
    "event_hours",
    "plan"
);

impl ReadMetrics for AnalyticsDb {
    async fn metrics_freshness(&self, tenant: &TenantId) -> Result<Option<Freshness>, StoreError> {
        let asked = sqlx::query(FRESHNESS).bind(tenant.as_str());
        let rows = self.ask(asked).await?;
        let read = |row: &PgRow| {
            let changes: i64 = row.try_get("changes").map_err(classify)?;
            let newest = row.try_get("newest").map_err(classify)?;
            Ok(Freshness {
                changes: u64::try_from(changes).map_err(broken)?,
                last_event: text(row, "last_batch")?.to_owned(),
                newest: Timestamp::from_microsecond(newest).map_err(broken)?,
            })
        };
        rows.first().map(read).transpose()
    }

    async fn metrics_by_day(
        &self,
        whose: &Whose,
        days: &DayRange,
    ) -> Result<FiguresByTenant, StoreError> {
        let statement = match whose {
            Whose::Tenant(_) => DAYS_OF_TENANT,
            Whose::Plan(_) => DAYS_OF_PLAN,
        };
        self.figures(about(statement, whose, days), day_of).await
    }

    async fn metrics_by_hour(
        &self,
        whose: &Whose,
        days: &DayRange,
    ) -> Result<FiguresByTenant, StoreError> {
        let statement = match whose {
            Whose::Tenant(_) => HOURS_OF_TENANT,
            Whose::Plan(_) => HOURS_OF_PLAN,
        };
        self.figures(about(statement, whose, days), hour_of).await
    }

    async fn is_batch_taken(&self, tenant: &TenantId, id: BatchId) -> Result<bool, StoreError> {
        let asked = sqlx::query(IS_TAKEN).bind(tenant.as_str());
        let rows = self.ask(asked.bind(id.to_string())).await?;
        Ok(!rows.is_empty())
    }
}

impl AnalyticsDb {
    async fn figures(
        &self,
        statement: Statement<'_>,
        period: fn(i32) -> Period,
    ) -> Result<FiguresByTenant, StoreError> {
        let rows = self.ask(statement).await?;
        rows.iter().map(|row| figures_of(row, period)).collect()
    }
}

fn about<'q>(statement: &'static str, whose: &'q Whose, days: &DayRange) -> Statement<'q> {
    let whose = match whose {
        Whose::Tenant(tenant) => tenant.as_str(),
        Whose::Plan(plan) => plan.name(),
    };
    sqlx::query(statement)
        .bind(whose)
        .bind(days.start().to_string())
        .bind(days.end().to_string())
}

fn day_of(day: i32) -> Period {
    Period::Day(date_of(day.into()))
}

fn hour_of(hour: i32) -> Period {
    let of_day = i8::try_from(hour.rem_euclid(24)).unwrap_or_default();
    Period::Hour(date_of(hour.div_euclid(24).into()), of_day)
}

fn figures_of(
    row: &PgRow,
    period: fn(i32) -> Period,
) -> Result<(TenantId, BTreeMap<Period, MetricFigures>), StoreError> {
    let tenant = TenantId::parse(text(row, "name")?).map_err(broken)?;
    let periods: Vec<i32> = row.try_get("periods").map_err(classify)?;
    let events: Vec<i64> = row.try_get("events").map_err(classify)?;
    let micros: Vec<i64> = row.try_get("micros").map_err(classify)?;
    let figures = events.into_iter().zip(micros);
    let figures = figures.map(|(events, micros)| MetricFigures { events, micros });
    let periods = periods.into_iter().map(period);
    Ok((tenant, periods.zip(figures).collect()))
}
