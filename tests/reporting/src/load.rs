//! Taking events in.

use std::sync::Arc;
use std::time::{Duration, Instant};

use analytics_db::AnalyticsDb;
use domain::ports::{DayRange, KeepPlans, ReadMetrics, TakeMetrics, Whose};
use domain::{Plan as TenantPlan, TenantId};
use event_samples::{CHUNK, Plan, Samples};
use futures::{StreamExt, stream};
use hdrhistogram::Histogram;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use sqlx::{Connection, PgConnection};
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::{Result, Wanted, begun, ended};

/// Chunks on their way at once.
pub(crate) const AT_ONCE: usize = 2;
/// How often a second events come.
const TICKS: u64 = 10;
/// A short wait between two reports: somebody reads them.
const READ: Duration = Duration::from_millis(20);

/// Rows that were taken in.
#[derive(Debug, Serialize)]
pub(crate) struct Loaded {
    pub(crate) rows: u64,
    pub(crate) seconds: f64,
    pub(crate) per_second: f64,
}

impl Loaded {
    pub(crate) fn since(begun: Instant, rows: u64) -> Self {
        let seconds = begun.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        let per_second = rows as f64 / seconds;
        Self {
            rows,
            seconds,
            per_second,
        }
    }
}

/// Makes the tables anew and takes all events in.
pub(crate) async fn load(url: &str, wanted: Wanted) -> Result<Loaded> {
    let mut server = PgConnection::connect(url).await?;
    sqlx::raw_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        .execute(&mut server)
        .await?;
    server.close().await?;
    let database = AnalyticsDb::connect(url)?;
    database.migrate().await?;
    let samples = Arc::new(wanted.samples());
    for (tenant, plan) in samples.tenants() {
        database.put_plan(tenant, plan).await?;
    }
    let start = Instant::now();
    let chunks = samples.chunks().map(|chunk| {
        let (database, samples) = (database.clone(), Arc::clone(&samples));
        // Each on any of the processors.
        let work = async move { database.take_metrics(&samples.chunk(chunk), ended()).await };
        async { tokio::spawn(work).await.map_err(Into::into) }
    });
    let taken: Vec<Result<_>> = stream::iter(chunks)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    for taken in taken {
        taken??;
    }
    Ok(Loaded::since(start, wanted.rows))
}

/// Reports that were read meanwhile, in milliseconds.
#[derive(Debug, Serialize)]
pub(crate) struct Paced {
    /// Events a second that were taken in.
    per_second: f64,
    /// From the time that a batch is there to the time that it counts.
    taken_p50: f64,
    taken_p99: f64,
    /// Ninety days of one tenant, after what its figures are made of.
    reports: u64,
    report_p50: f64,
    report_p99: f64,
    report_max: f64,
}

/// Takes events in at a rate, and reads reports beside.
pub(crate) async fn paced(url: &str, rate: u64, seconds: u64) -> Result<Paced> {
    let database = AnalyticsDb::connect(url)?;
    // Events of a second in ten batches of chunks, all of tenants that are known.
    let each = rate / TICKS;
    let from = ended();
    let ticks = seconds * TICKS;
    let until = from.checked_add(SignedDuration::from_secs(i64::try_from(seconds)?))?;
    let chunks = (each * ticks).div_ceil(CHUNK).max(1);
    let samples = Samples::new(Plan {
        seed: u64::try_from(Timestamp::as_second(from))? ^ rate,
        rows: chunks * CHUNK,
        tenants: 1_000,
        from,
        until,
    });
    let batches: Vec<_> = samples
        .chunks()
        .flat_map(|chunk| samples.chunk(chunk))
        .collect();
    let per_tick = batches.len().div_ceil(usize::try_from(ticks)?);
    let groups: Vec<Vec<_>> = batches.chunks(per_tick).map(<[_]>::to_vec).collect();
    let events: usize = batches.iter().map(|batch| batch.events.len()).sum();
    let start = Instant::now();
    let writing = {
        let database = database.clone();
        tokio::spawn(async move {
            let mut times = Histogram::<u64>::new(3)?;
            let mut ticks = interval(Duration::from_millis(1_000 / TICKS));
            ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
            for group in groups {
                let due = ticks.tick().await;
                let taken = database.take_metrics(&group, until).await;
                taken.map_err(|error| error.to_string())?;
                times.record(micros(due.elapsed()))?;
            }
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(times)
        })
    };
    let mut reports = Histogram::<u64>::new(3)?;
    let days: DayRange = date(2025, 10, 4)..=date(2026, 1, 1);
    let mut tenant = 0;
    while !writing.is_finished() {
        tenant = tenant % 1_000 + 1;
        let name = TenantId::parse(&format!("tenant-{tenant:04}"))?;
        let asked = Instant::now();
        database.metrics_freshness(&name).await?;
        database.metrics_by_day(&Whose::Tenant(name), &days).await?;
        reports.record(micros(asked.elapsed()))?;
        sleep(READ).await;
    }
    let taken = writing.await?.map_err(|error| error.to_string())?;
    let seconds = start.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let per_second = events as f64 / seconds;
    Ok(Paced {
        per_second,
        taken_p50: millis(&taken, 0.5),
        taken_p99: millis(&taken, 0.99),
        reports: reports.len(),
        report_p50: millis(&reports, 0.5),
        report_p99: millis(&reports, 0.99),
        report_max: millis(&reports, 1.0),
    })
}

pub(crate) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "a time")]
pub(crate) fn millis(times: &Histogram<u64>, share: f64) -> f64 {
    times.value_at_quantile(share) as f64 / 1_000.0
}

/// Those who pay most.
pub(crate) const ASKED: Whose = Whose::Plan(TenantPlan::Enterprise);

/// Two years.
pub(crate) fn all_days() -> DayRange {
    let day = |at: Timestamp| at.to_zoned(jiff::tz::TimeZone::UTC).date();
    day(begun())..=day(ended())
}
