//! The figures of what happens at tenants, for reports.

use domain::ports::{DayRange, Freshness, ReadMetrics, StoreError, Whose};
use domain::{BatchId, FiguresByTenant, MetricFigures, Period, TenantId};
use jiff::Timestamp;
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::AnalyticsDb;
use crate::answer::{broken, classify, text};
use crate::ask::Statement;

const FRESHNESS: &str = r"
SELECT changes, last_batch::text, (extract(epoch FROM newest) * 1000000)::bigint AS newest
  FROM events_heard JOIN tenants ON tenants.id = tenant_id WHERE name = $1";

const IS_TAKEN: &str = r"
SELECT FROM event_batches JOIN tenants ON tenants.id = tenant_id
 WHERE name = $1 AND batch_id = $2::text::uuid";

/// By the index alone, tenant for tenant: it has the figures.
macro_rules! read_figures {
    ($hour:literal, $table:literal, $whose:literal) => {
        concat!(
            "SELECT name, (day - date '1970-01-01') AS day, ",
            $hour,
            " AS hour, events, processing_us FROM ",
            $table,
            " JOIN tenants ON tenants.id = tenant_id WHERE ",
            $whose,
            " = $1 AND day BETWEEN $2::text::date AND $3::text::date"
        )
    };
}

const DAYS_OF_TENANT: &str = read_figures!("NULL::smallint", "event_days", "name");
const DAYS_OF_PLAN: &str = read_figures!("NULL::smallint", "event_days", "plan");
const HOURS_OF_TENANT: &str = read_figures!("hour", "event_hours", "name");
const HOURS_OF_PLAN: &str = read_figures!("hour", "event_hours", "plan");

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
        self.figures(about(statement, whose, days)).await
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
        self.figures(about(statement, whose, days)).await
    }

    async fn is_batch_taken(&self, tenant: &TenantId, id: BatchId) -> Result<bool, StoreError> {
        let asked = sqlx::query(IS_TAKEN).bind(tenant.as_str());
        let rows = self.ask(asked.bind(id.to_string())).await?;
        Ok(!rows.is_empty())
    }
}

impl AnalyticsDb {
    async fn figures(&self, statement: Statement<'_>) -> Result<FiguresByTenant, StoreError> {
        let rows = self.ask(statement).await?;
        rows.iter().map(figures_of).collect()
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

fn figures_of(row: &PgRow) -> Result<((TenantId, Period), MetricFigures), StoreError> {
    let tenant = TenantId::parse(text(row, "name")?).map_err(broken)?;
    let day: i32 = row.try_get("day").map_err(classify)?;
    let day = crate::events::date_of(day.into());
    let hour: Option<i16> = row.try_get("hour").map_err(classify)?;
    let period = match hour {
        Some(hour) => Period::Hour(day, i8::try_from(hour).map_err(broken)?),
        None => Period::Day(day),
    };
    let figures = MetricFigures {
        events: row.try_get("events").map_err(classify)?,
        micros: row.try_get("processing_us").map_err(classify)?,
    };
    Ok(((tenant, period), figures))
}
