//! The figures of what happens at tenants, for reports.

use domain::ports::{DayRange, Freshness, ReadMetrics, StoreError, Whose};
use domain::{BatchId, FiguresByTenant, MetricFigures, Period, TenantId};
use jiff::Timestamp;
use jiff::civil::Date;
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

/// A row a month, with a list of its days.
macro_rules! read_days {
    ($whose:literal) => {
        concat!(
            "SELECT name, month - date '1970-01-01' AS period, events, processing_us AS micros",
            " FROM event_figures JOIN tenants ON tenants.id = tenant_id WHERE ",
            $whose,
            " = $1 AND month BETWEEN date_trunc('month', $2::text::timestamp)::date AND $3::text::date"
        )
    };
}

/// A row a day, with a list of its hours: what is read of a row is read by name, and thousands of rows are slow.
macro_rules! read_hours {
    ($whose:literal) => {
        concat!(
            "SELECT min(name) AS name, day - date '1970-01-01' AS period, array_agg(hour::bigint) AS hours,",
            " array_agg(events) AS events, array_agg(processing_us) AS micros",
            " FROM event_hours JOIN tenants ON tenants.id = tenant_id WHERE ",
            $whose,
            " = $1 AND day BETWEEN $2::text::date AND $3::text::date GROUP BY tenant_id, day"
        )
    };
}

const DAYS_OF_TENANT: &str = read_days!("name");
const DAYS_OF_PLAN: &str = read_days!("plan");
const HOURS_OF_TENANT: &str = read_hours!("name");
const HOURS_OF_PLAN: &str = read_hours!("plan");

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
        let rows = self.ask(about(statement, whose, days)).await?;
        let mut figures = FiguresByTenant::new();
        for row in &rows {
            let of = figures.entry(tenant_of(row)?).or_default();
            let month = date_of(number(row)?);
            let all = (1..).zip(figures_of(row)?);
            let asked = all.filter_map(|(day, figures)| {
                let day = Date::new(month.year(), month.month(), day).ok()?;
                let is_asked = days.contains(&day) && figures.events > 0;
                is_asked.then_some((Period::Day(day), figures))
            });
            of.extend(asked);
        }
        // A month that has a day which was asked for may have nothing on it.
        figures.retain(|_, days| !days.is_empty());
        Ok(figures)
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
        let rows = self.ask(about(statement, whose, days)).await?;
        let mut figures = FiguresByTenant::new();
        for row in &rows {
            let day = date_of(number(row)?);
            let hours: Vec<i64> = row.try_get("hours").map_err(classify)?;
            let hours = hours
                .into_iter()
                .map(|hour| i8::try_from(hour).unwrap_or_default());
            let hours = hours.map(|hour| Period::Hour(day, hour));
            figures
                .entry(tenant_of(row)?)
                .or_default()
                .extend(hours.zip(figures_of(row)?));
        }
        Ok(figures)
    }

    async fn is_batch_taken(&self, tenant: &TenantId, id: BatchId) -> Result<bool, StoreError> {
        let asked = sqlx::query(IS_TAKEN).bind(tenant.as_str());
        let rows = self.ask(asked.bind(id.to_string())).await?;
        Ok(!rows.is_empty())
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

fn tenant_of(row: &PgRow) -> Result<TenantId, StoreError> {
    TenantId::parse(text(row, "name")?).map_err(broken)
}

/// A day of the epoch: the period that the figures are of, or that begins then.
fn number(row: &PgRow) -> Result<i64, StoreError> {
    let day: i32 = row.try_get("period").map_err(classify)?;
    Ok(day.into())
}

fn figures_of(row: &PgRow) -> Result<impl Iterator<Item = MetricFigures> + use<>, StoreError> {
    let events: Vec<i64> = row.try_get("events").map_err(classify)?;
    let micros: Vec<i64> = row.try_get("micros").map_err(classify)?;
    let figures = events.into_iter().zip(micros);
    Ok(figures.map(|(events, micros)| MetricFigures { events, micros }))
}
