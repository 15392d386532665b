//! The question of those who have a hundred million rows: how many events a tenant had each day, and how long
//! they took.

use std::collections::BTreeMap;
use std::time::Instant;

use analytics_db::AnalyticsDb;
use domain::ports::ReadMetrics;
use domain::{FiguresByTenant, MetricFigures, Period, TenantId};
use hdrhistogram::Histogram;
use serde::Serialize;
use sqlx::postgres::PgRow;
use sqlx::{Connection, PgConnection, Row};

use crate::Result;
use crate::load::{ASKED, all_days, micros, millis};

/// The question as it was asked, of our columns.
const RAW: &str = r"
SELECT (SELECT name FROM tenants WHERE id = tenant_id) AS tenant, date::text, events, avg_time
  FROM (
    SELECT tenant_id, date(created_at) AS date, count(*) AS events,
           avg(processing_us)::float8 / 1000 AS avg_time
      FROM events
     WHERE created_at >= '2024-01-01'
       AND tenant_id IN (SELECT id FROM tenants WHERE plan = 'enterprise')
     GROUP BY tenant_id, date(created_at)
     ORDER BY date DESC
  ) AS answer";
const PLAN: &str = r"
SELECT name, day, events, processing_us::float8 / events / 1000 AS avg_time
  FROM event_days JOIN tenants ON tenants.id = tenant_id
 WHERE plan = 'enterprise' AND day >= '2024-01-01' ORDER BY day DESC";
/// How often the rows are asked.
const RAW_TIMES: usize = 3;

/// Milliseconds.
#[derive(Debug, Serialize)]
pub(crate) struct Asked {
    /// Rows in the table, tenants and days of the answer.
    rows: i64,
    answers: usize,
    /// Of the rows: each time.
    raw: Vec<f64>,
    /// Of the figures.
    figures_p50: f64,
    figures_p99: f64,
    /// What the server takes of it, as it says itself.
    server: f64,
    /// The farthest that an average is off, as a share.
    average_off: f64,
}

pub(crate) async fn ask(url: &str, times: u32) -> Result<Asked> {
    let mut server = PgConnection::connect(url).await?;
    for statement in ["SET timezone = 'UTC'", "VACUUM ANALYZE"] {
        sqlx::raw_sql(statement).execute(&mut server).await?;
    }
    let mut raw = Vec::new();
    let mut of_rows = BTreeMap::new();
    for _ in 0..RAW_TIMES {
        let start = Instant::now();
        let rows = sqlx::query(RAW).fetch_all(&mut server).await?;
        raw.push(start.elapsed().as_secs_f64() * 1_000.0);
        of_rows = rows.iter().map(answer).collect::<Result<_>>()?;
    }
    let database = AnalyticsDb::connect(url)?;
    let mut answers = Histogram::<u64>::new(3)?;
    let mut of_figures = FiguresByTenant::new();
    for _ in 0..times {
        let start = Instant::now();
        of_figures = database.metrics_by_day(&ASKED, &all_days()).await?;
        answers.record(micros(start.elapsed()))?;
    }
    let of_figures = flat(of_figures);
    let average_off = compare(&of_rows, &of_figures)?;
    let explained = format!("EXPLAIN (ANALYZE, TIMING OFF) {PLAN}");
    let explained = sqlx::query(sqlx::AssertSqlSafe(explained))
        .fetch_all(&mut server)
        .await?;
    let count = sqlx::query("SELECT count(*) FROM events")
        .fetch_one(&mut server)
        .await?;
    Ok(Asked {
        rows: count.try_get(0)?,
        answers: of_figures.len(),
        raw,
        figures_p50: millis(&answers, 0.5),
        figures_p99: millis(&answers, 0.99),
        server: execution_time(&explained)?,
        average_off,
    })
}

type Answer = ((TenantId, Period), (i64, f64));

fn answer(row: &PgRow) -> Result<Answer> {
    let tenant = TenantId::parse(row.try_get("tenant")?)?;
    let day: &str = row.try_get("date")?;
    let figures = (row.try_get("events")?, row.try_get("avg_time")?);
    Ok(((tenant, Period::Day(day.parse()?)), figures))
}

fn flat(figures: FiguresByTenant) -> Vec<((TenantId, Period), MetricFigures)> {
    let of_tenant = |(tenant, of_it): (TenantId, BTreeMap<Period, MetricFigures>)| {
        let key = move |(period, figures)| ((tenant.clone(), period), figures);
        of_it.into_iter().map(key)
    };
    figures.into_iter().flat_map(of_tenant).collect()
}

/// Both have the same tenants and days and counts; how far averages are apart.
fn compare(
    rows: &BTreeMap<(TenantId, Period), (i64, f64)>,
    figures: &[((TenantId, Period), MetricFigures)],
) -> Result<f64> {
    let mut farthest = 0.0_f64;
    for ((key, (events, average)), (other, it)) in rows.iter().zip(figures) {
        if key != other || *events != it.events {
            return Err(format!("{key:?} has {events} rows, {other:?} {}", it.events).into());
        }
        let counted = it.average_millis().unwrap_or_default();
        farthest = farthest.max((counted - average).abs() / average);
    }
    match rows.len() == figures.len() {
        true => Ok(farthest),
        false => Err("there are rows without figures, or figures without rows".into()),
    }
}

/// Milliseconds, from the line that says so.
fn execution_time(lines: &[PgRow]) -> Result<f64> {
    for line in lines {
        let line: &str = line.try_get(0)?;
        if let Some(time) = line.strip_prefix("Execution Time: ") {
            return Ok(time.trim_end_matches(" ms").parse()?);
        }
    }
    Err("the server does not say how long it took".into())
}
